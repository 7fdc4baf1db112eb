import { type BenchRow, percentile } from "@walras/kit/bench";

import { membersOf, type Overload } from "./members.ts";
import type { Outcome } from "./outcome.ts";

/** A line of the table. Ratios are of these, so that a row which is run anew takes the place of the old one. */
export type KernelRow = BenchRow & { readonly row: string; readonly policy: string };

export function rowOf(outcome: Outcome): KernelRow {
  const { latenciesMs, limitMilli } = outcome;
  const served = latenciesMs.length > 0;
  return {
    row: outcome.row,
    policy: outcome.policy,
    "request m": Math.round(outcome.requestMilli),
    "limit m": limitMilli === null ? "none" : Math.round(limitMilli),
    "before s": rounded(outcome.learningThrottledSeconds, 2),
    "throttled s": rounded(outcome.throttledSeconds, 2),
    "p50 ms": served ? rounded(percentile(latenciesMs, 0.5), 1) : "",
    "p99 ms": served ? rounded(percentile(latenciesMs, 0.99), 1) : "",
    requests: served ? latenciesMs.length : "",
    failed: outcome.failed,
    "CPU m": rounded(outcome.cpuMilli, 0),
    "others m": rounded(outcome.othersMilli, 0),
    resizes: outcome.resizes,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A tenth of a period a minute is what counting itself can be off. */
const countedSeconds = 0.05;

/** What is claimed of a node that has room. */
export function roomRatios(rows: readonly KernelRow[]): Record<string, number> {
  const mine = rows.filter(({ row, policy }) => policy === "ours" && !isOverload(row));
  const other = (row: string, policy: string, cell: string): number =>
    Number(rows.find((one) => one.row === row && one.policy === policy)?.[cell]);
  const more = mine.filter(
    (one) => Number(one["throttled s"]) > other(one.row, "declared", "throttled s") + countedSeconds,
  );
  const p99 = mine.map((one) => Number(one["p99 ms"]) / other(one.row, "none", "p99 ms"));
  return { throttledMoreThanDeclared: more.length, p99AgainstNone: Math.max(...p99) };
}

function isOverload(row: string): boolean {
  return row.startsWith("150 %: ");
}

/** What is claimed of a node that has too little. */
export function overloadRatios(rows: readonly KernelRow[], overload: Overload): Record<string, number> {
  const [service, ...crowd] = membersOf(overload, 0);
  const cell = (member: string, policy: string, name: string): number =>
    Number(rows.find((one) => one.row === `150 %: ${member}` && one.policy === policy)?.[name]);
  const p99 = (policy: string): number => cell(service?.name ?? "", policy, "p99 ms");
  const above = crowd.map(({ name, weight, declared }) => ({
    weight,
    milli: cell(name, "ours", "CPU m") - declared.requestMilli,
  }));
  const unit = above.reduce((sum, { milli }) => sum + milli, 0) / above.reduce((sum, { weight }) => sum + weight, 0);
  const hog = crowd.at(-1)?.name ?? "";
  const rivals = [...new Set(rows.filter(({ row }) => isOverload(row)).map(({ policy }) => policy))].filter(
    (policy) => !["ours", "alone"].includes(policy) && cell(hog, policy, "CPU m") >= cell(hog, "ours", "CPU m"),
  );
  return {
    shareError: Math.max(...above.map(({ milli, weight }) => Math.abs(milli / weight / unit - 1))),
    guaranteedP99AgainstAlone: p99("ours") / p99("alone"),
    guaranteedNotBest: rivals.filter((policy) => p99(policy) <= p99("ours")).length,
  };
}

// Three services with recorded request rates on one node: the market beside
// static limits and beside a histogram of usage re-applied each minute.
// usage: outcome.ts --trace DIR   (diurnal.txt, noisy.txt: one number a second)
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { percentile, publishBench } from "@walras/kit/bench";

import { advance, attach, cfsPeriodMs, type CpuGroup, cpuGroup } from "@walras/sim/node";
import { marketPolicy, type Policy, staticLimits, vpaLike } from "./policies.ts";

const cores = 8;
/** CPU time a request costs, in core-milliseconds: a light, a middling and a heavy service. */
const costs = [1.5, 2, 3] as const;
/** The services live the same day at different hours. */
const shiftSeconds = 600;
/** Requests within a second come unevenly; each 100 ms gets its part of these ten. */
const unevenness = [0.7, 1.3, 0.9, 1.1, 0.6, 1.4, 1, 0.8, 1.2, 1] as const;

export interface Outcome {
  readonly policy: string;
  /** Time the services stood throttled, summed over run queues. */
  readonly throttledSeconds: number;
  /** Mean of limit − usage. */
  readonly slackMilli: number;
  readonly changes: number;
}

function demands(trace: readonly number[]): number[][] {
  return costs.map((cost, index) =>
    trace.map((_, second) => (trace[(second + index * shiftSeconds) % trace.length] ?? 0) * cost),
  );
}

function play(policy: Policy, services: readonly (readonly number[])[]): Outcome {
  const node = cpuGroup(1);
  let limits = services.map((service) => (service[0] ?? 0) * 1.3);
  const groups = limits.map((milli) => {
    const group = cpuGroup(1, { parallelism: cores, backlogLimitCoreMs: 5_000 });
    group.quotaCores = milli / 1000;
    return attach(node, group);
  });
  let slack = 0;
  let changes = 0;
  const seconds = services[0]?.length ?? 0;
  for (let second = 0; second < seconds; second += 1) {
    const before = groups.map(({ usedUsec, periods, throttledPeriods, throttledUsec }) => ({
      usedUsec,
      periods,
      throttledPeriods,
      throttledUsec,
    }));
    playSecond(node, groups, services, second);
    const seen = groups.map((group, index) => see(group, before[index] ?? group, limits[index] ?? 0));
    slack += seen.reduce((sum, { usageMilli, quotaMilli }) => sum + quotaMilli - usageMilli, 0) / seen.length;
    const next = policy.limits(second, seen);
    changes += next.filter((milli, index) => milli !== limits[index]).length;
    limits = next;
    groups.forEach((group, index) => {
      group.quotaCores = (limits[index] ?? 0) / 1000;
    });
  }
  const throttledSeconds = groups.reduce((sum, { throttledUsec }) => sum + throttledUsec, 0) / 1e6;
  return { policy: policy.name, throttledSeconds, slackMilli: slack / seconds, changes };
}

function playSecond(
  node: CpuGroup,
  groups: readonly CpuGroup[],
  services: readonly (readonly number[])[],
  second: number,
): void {
  for (const part of unevenness) {
    groups.forEach(({ tasks }, index) => {
      if (tasks) tasks.demandCores = ((services[index]?.[second] ?? 0) * part) / 1000;
    });
    advance(node, cores, cfsPeriodMs);
  }
}

type Counters = Pick<CpuGroup, "usedUsec" | "periods" | "throttledPeriods" | "throttledUsec">;

function see(now: Counters, before: Counters, quotaMilli: number): Parameters<Policy["limits"]>[1][number] {
  const periods = now.periods - before.periods;
  return {
    usageMilli: (now.usedUsec - before.usedUsec) / 1000,
    throttledRatio: periods > 0 ? (now.throttledPeriods - before.throttledPeriods) / periods : 0,
    throttledMilli: (now.throttledUsec - before.throttledUsec) / 1000,
    quotaMilli,
  };
}

/** Whether `other` is at least as good in one measure and not worse in the other than the market. */
function beats(market: Outcome, other: Outcome): boolean {
  const tighter = other.slackMilli <= market.slackMilli && other.throttledSeconds <= market.throttledSeconds;
  return tighter;
}

const { values } = parseArgs({ options: { trace: { type: "string" } } });
const folder = values.trace ?? process.env["WALRAS_TRACES"];
if (folder === undefined) throw new Error("--trace DIR: a folder with diurnal.txt and noisy.txt");

const rows: Record<string, string | number>[] = [];
const ratios: Record<string, number> = {};
for (const name of ["diurnal", "noisy"]) {
  const trace = readFileSync(join(folder, `${name}.txt`), "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  const services = demands(trace);
  const statics = [0.5, 0.95, 1].map((p) =>
    staticLimits(
      `static p${p * 100}`,
      services.map((service) => percentile(service, p)),
    ),
  );
  const others = [...statics, vpaLike(services.map((service) => (service[0] ?? 0) * 1.3))].map((policy) =>
    play(policy, services),
  );
  const market = play(marketPolicy(services.length, cores), services);
  for (const outcome of [...others, market]) {
    rows.push({
      trace: name,
      policy: outcome.policy,
      "throttled s": outcome.throttledSeconds.toFixed(1),
      "slack m": outcome.slackMilli.toFixed(0),
      changes: outcome.changes,
    });
  }
  const tightStatic = others.find(({ policy }) => policy === "static p95");
  const loose = others.find(({ policy }) => policy === "static p100");
  ratios[`${name}NotBeaten`] = others.filter((other) => beats(market, other)).length;
  ratios[`${name}ThrottledAgainstP95`] = market.throttledSeconds / (tightStatic?.throttledSeconds ?? NaN);
  ratios[`${name}SlackAgainstMax`] = market.slackMilli / (loose?.slackMilli ?? NaN);
}

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "outcome",
  command: "pnpm bench outcome --trace DIR",
  rows,
  ratios,
});

import { seededRng } from "@walras/kit";
import type { BenchRow } from "@walras/kit/bench";

import type { Scoring } from "../cluster/scheduler.ts";
import type { Rule } from "../rule.ts";
import { drawPods } from "./pods.ts";
import { live } from "./run.ts";
import type { Outcome } from "./tally.ts";
import type { Recording } from "./trace.ts";

/** What is lived through, and by whom. */
export interface Comparison {
  readonly trace: string;
  readonly learn: Recording;
  readonly judge: Recording;
  readonly scorings: readonly Scoring[];
  /** Of what people declared. */
  readonly seed: number;
  readonly rules: readonly Rule[];
}

/** One rule's outcome in one cluster. */
export interface Compared {
  readonly trace: string;
  readonly scoring: Scoring;
  readonly outcome: Outcome;
}

/** Of a node with 16 cores, what system daemons leave (GKE's reservation). */
const allocatableMilli = 15_890;

/** The same days and the same declared requests under every rule. */
export function compareDays({ trace, learn, judge, scorings, seed, rules }: Comparison): Compared[] {
  const pods = drawPods(learn, judge, allocatableMilli, seededRng(seed));
  if (pods.length === 0) throw new Error(`${trace}: no machine is in both recordings`);
  const judgedFrom = learn.percent.values().next().value?.length ?? 0;
  const { stepMs } = learn;
  return scorings.flatMap((scoring) =>
    rules.map((rule) => ({
      trace,
      scoring,
      outcome: live({ pods, stepMs, judgedFrom, allocatableMilli, scoring }, rule),
    })),
  );
}

export function rowsOf(compared: readonly Compared[]): BenchRow[] {
  return compared.map(({ trace, scoring, outcome }) => ({
    trace,
    scheduler: scoring.split(" ")[0] ?? "",
    rule: outcome.rule,
    "node-hours": outcome.nodeHours.toFixed(0),
    "starved min": outcome.starvedMinutes.toFixed(0),
    "starved %": (100 * starvation(outcome)).toFixed(4),
    "pending min": outcome.pendingMinutes.toFixed(0),
    evictions: outcome.evictions.toFixed(0),
    moves: outcome.moves.toFixed(0),
    writes: outcome.writes.toFixed(0),
  }));
}

/** Share of pod-minutes. */
function starvation({ starvedMinutes, podMinutes }: Outcome): number {
  return starvedMinutes / podMinutes;
}

/** This much more starvation and a peer's node-hours are no longer compared with ours. */
const worse = 10;
const starvationBudget = 0.001;

/** How one rule stands in its worst cluster beside the peers there. */
export function ratiosOf(
  compared: readonly Compared[],
  rule: string,
  peers: ReadonlySet<string>,
): Record<string, number> {
  const ours = compared.filter(({ outcome }) => outcome.rule === rule);
  if (ours.length === 0) throw new Error(`no rule "${rule}" was played`);
  const hours = ours.map(({ trace, scoring, outcome }) => {
    const comparable = compared.filter(
      (other) =>
        other.trace === trace &&
        other.scoring === scoring &&
        peers.has(other.outcome.rule) &&
        starvation(other.outcome) <= worse * starvation(outcome),
    );
    return outcome.nodeHours / Math.min(...comparable.map((other) => other.outcome.nodeHours));
  });
  return {
    nodeHoursAgainstPeers: Math.max(...hours),
    starvationAgainstBudget: Math.max(...ours.map(({ outcome }) => starvation(outcome) / starvationBudget)),
    evictions: ours.reduce((sum, { outcome }) => sum + outcome.evictions, 0),
  };
}

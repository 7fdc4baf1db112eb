import type { IntentStatus } from "@walras/api";

import type { IntentDecision } from "../decide/decision.ts";
import type { Measurement } from "../decide/snapshot.ts";
import type { BadIntent, SeenIntent } from "../loop/ports.ts";
import type { EffectTold, Told } from "../loop/steps.ts";
import { conditionsOf, dated } from "./conditions.ts";

type LastPlan = NonNullable<IntentStatus["lastPlan"]>;
type ObjectiveStatus = NonNullable<IntentStatus["objectives"]>[number];

/** As many as fit into an object that everybody watches. */
const mostActions = 256;
const mostRejections = 20;
const longestMessage = 1024;

/** The plan is being carried out; whoever finds it so has come after one who died. */
export const inProgress = "InProgress";

/** What is known of one intent beside what was told of it. */
export interface StatusContext {
  /** What its status says now. */
  readonly before: IntentStatus;
  readonly measured: ReadonlyMap<string, Measurement>;
  readonly nowMs: number;
}

/** What an Intent's status is to say. */
export function statusOf(told: Told, context: StatusContext): IntentStatus {
  const { before, nowMs } = context;
  const { seen, decision, execution } = told;
  const lastPlan = lastPlanOf(told, before.lastPlan, nowMs);
  return {
    observedGeneration: seen.generation,
    verdict: execution?.verdict === "Conflict" ? "Conflict" : decision.verdict,
    conditions: conditionsOf(told, before.conditions ?? [], nowMs),
    objectives: decision.objectives.map((_, index) => objectiveOf(told, index, context)),
    ...(lastPlan === undefined ? {} : { lastPlan }),
  };
}

/** Of an Intent that cannot be read. */
export function badStatusOf(
  { generation, problem }: BadIntent,
  { before, nowMs }: Pick<StatusContext, "before" | "nowMs">,
): IntentStatus {
  const draft = { type: "Unknown", status: "True", reason: "Invalid", message: problem } as const;
  const context = { before: before.conditions ?? [], generation, nowMs };
  const conditions = [
    dated({ ...draft, type: "Fulfilled", status: "Unknown" }, context),
    dated({ ...draft, type: "Degraded", status: "Unknown" }, context),
    dated(draft, context),
    dated({ ...draft, type: "Conflict", status: "Unknown" }, context),
  ];
  return { observedGeneration: generation, verdict: "Invalid", conditions };
}

function objectiveOf(
  { seen, decision }: Told,
  index: number,
  { before, measured, nowMs }: StatusContext,
): ObjectiveStatus {
  const { profile = "", target = 0, value = null, met = null } = decision.objectives[index] ?? {};
  const own = seen.intent.objectives.find((one) => one.profile === profile);
  const measurement = measured.get(profile);
  const last = before.objectives?.find((one) => one.profile === profile);
  const current = value ?? (measurement?.kind === "stale" ? measurement.value : null);
  const since = last !== undefined && last.met === (met ?? undefined) ? last.since : new Date(nowMs).toISOString();
  return {
    name: own?.name ?? profile,
    profile,
    target,
    ...(own?.tolerance ? { tolerance: own.tolerance } : {}),
    ...(current === null ? {} : { current: rounded(current) }),
    ...(met === null ? {} : { met }),
    ...(since === undefined ? {} : { since }),
    ...(measurement?.kind === "stale" ? { stale: true } : {}),
  };
}

/** The prototype's three decimals. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A plan that was not begun is told in conditions; the last that was stays, with what came of it. */
function lastPlanOf(
  { decision, execution, effect }: Told,
  before: LastPlan | undefined,
  nowMs: number,
): LastPlan | undefined {
  const last = effect && before ? withEffect(before, effect) : before;
  if (decision.plan.length === 0) return left(last);
  if (execution?.verdict === "CoolingDown" || execution?.verdict === "Conflict") return left(last);
  const outcome = execution?.verdict ?? "Drafted";
  const message = (execution?.message ?? decision.reason).slice(0, longestMessage);
  const plan = planOf(decision, nowMs);
  // A draft that is the same as before is no news.
  if (execution === null && last?.outcome === "Drafted" && same(last, plan)) return last;
  return { ...plan, at: last?.outcome === inProgress ? last.at : plan.at, outcome, message };
}

/** Nobody knows how far somebody got who died in the middle. */
function left(last: LastPlan | undefined): LastPlan | undefined {
  if (last?.outcome !== inProgress) return last;
  return { ...last, outcome: "Interrupted", message: "whoever carried it out ended in the middle" };
}

function same(one: LastPlan, other: LastPlan): boolean {
  return JSON.stringify(one.actions) === JSON.stringify(other.actions);
}

function withEffect(last: LastPlan, { verdict, seen, reverted }: EffectTold): LastPlan {
  const message = reverted === null ? (last.message ?? "") : `${verdict}: ${reverted.message}`;
  return {
    ...last,
    seen: seen.map(({ profile, value }) => ({ profile, value: rounded(value) })),
    outcome: reverted?.verdict ?? verdict,
    message: message.slice(0, longestMessage),
  };
}

function planOf(decision: IntentDecision, nowMs: number): LastPlan {
  const { plan, cost, rejected, objectives } = decision;
  const predicted = objectives.flatMap(({ profile, expected }) =>
    expected === null ? [] : [{ profile, value: rounded(expected) }],
  );
  return {
    at: new Date(nowMs).toISOString(),
    actions: plan.slice(0, mostActions).map(({ name, properties }) => ({ name, properties: { ...properties } })),
    cost,
    rejected: rejected
      .slice(0, mostRejections)
      .map(({ name, reason }) => ({ name, reason: reason.slice(0, longestMessage) })),
    predicted,
  };
}

/** What is on record before a plan is begun. */
export function beginningOf(
  { generation }: SeenIntent,
  decision: IntentDecision,
  nowMs: number,
): Pick<IntentStatus, "observedGeneration" | "lastPlan"> {
  const lastPlan = {
    ...planOf(decision, nowMs),
    outcome: inProgress,
    message: decision.reason.slice(0, longestMessage),
  };
  return { observedGeneration: generation, lastPlan };
}

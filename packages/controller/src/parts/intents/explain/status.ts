import type { IntentStatus } from "@walras/api";

import type { Measurement } from "../decide/snapshot.ts";
import type { BadIntent } from "../loop/ports.ts";
import type { Told } from "../loop/steps.ts";
import { conditionsOf, dated } from "./conditions.ts";
import { lastPlanOf } from "./lastPlan.ts";
import { rounded } from "./rounded.ts";

type ObjectiveStatus = NonNullable<IntentStatus["objectives"]>[number];

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

function objectiveOf(told: Told, index: number, { before, measured, nowMs }: StatusContext): ObjectiveStatus {
  const { profile, target, value, met } = told.decision.objectives[index] ?? nothing;
  const measurement = measured.get(profile);
  const last = before.objectives?.find((one) => one.profile === profile);
  return {
    ...namesOf(told, profile),
    profile,
    target,
    ...currentOf(value, measurement),
    ...(met === null ? {} : { met }),
    since: sinceOf(last, met, nowMs),
  };
}

const nothing: Told["decision"]["objectives"][number] = {
  profile: "",
  target: 0,
  value: null,
  expected: null,
  met: null,
};

/** An old value is shown as old. */
function currentOf(
  value: number | null,
  measurement: Measurement | undefined,
): Pick<ObjectiveStatus, "current" | "stale"> {
  if (value !== null) return { current: rounded(value) };
  return measurement?.kind === "stale" ? { current: rounded(measurement.value), stale: true } : {};
}

function namesOf({ seen }: Told, profile: string): Pick<ObjectiveStatus, "name" | "tolerance"> {
  const own = seen.intent.objectives.find((one) => one.profile === profile);
  return { name: own?.name ?? profile, ...(own?.tolerance ? { tolerance: own.tolerance } : {}) };
}

/** Since when it is met, is missed, or is not known. */
function sinceOf(last: ObjectiveStatus | undefined, met: boolean | null, nowMs: number): string {
  const holds = last?.since !== undefined && (last.met ?? null) === met;
  return holds ? (last.since ?? "") : new Date(nowMs).toISOString();
}

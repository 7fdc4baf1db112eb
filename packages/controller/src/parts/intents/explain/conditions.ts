import type { IntentStatus } from "@walras/api";

import type { Told } from "../loop/steps.ts";

export type Condition = NonNullable<IntentStatus["conditions"]>[number];

/** Longest message of a condition: what is said of one intent stays small, whatever is told. */
const longestMessage = 1024;

type Draft = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Fulfilled, Degraded, Unknown and Conflict of one intent. */
export function conditionsOf(told: Told, before: readonly Condition[], nowMs: number): Condition[] {
  return [fulfilled(told), degraded(told), unknown(told), conflict(told)].map((draft) =>
    dated(draft, { before, generation: told.seen.generation, nowMs }),
  );
}

/** A condition keeps the time of its last change of status. */
export function dated(
  draft: Draft,
  {
    before,
    generation,
    nowMs,
  }: { readonly before: readonly Condition[]; readonly generation: number; readonly nowMs: number },
): Condition {
  const last = before.find(({ type }) => type === draft.type);
  const lastTransitionTime = last?.status === draft.status ? last.lastTransitionTime : new Date(nowMs).toISOString();
  const message = draft.message.slice(0, longestMessage);
  return { ...draft, message, lastTransitionTime, observedGeneration: generation };
}

function isKnown({ decision }: Told): boolean {
  return decision.verdict !== "Unknown" && decision.objectives.every(({ met }) => met !== null);
}

function isMissed({ decision }: Told): boolean {
  return decision.objectives.some(({ met }) => met === false);
}

function fulfilled(told: Told): Draft {
  const { verdict, reason, objectives } = told.decision;
  const missed = objectives.filter(({ met }) => met === false).map(({ profile }) => profile);
  const type = "Fulfilled";
  if (!isKnown(told)) return { type, status: "Unknown", reason: verdict, message: reason };
  if (missed.length === 0) return { type, status: "True", reason: "ObjectivesMet", message: "every objective is met" };
  return { type, status: "False", reason: "ObjectivesMissed", message: `missed: ${missed.join(", ")}` };
}

/** It is missed, and nothing is on its way that would change that. */
function degraded(told: Told): Draft {
  const { decision, execution } = told;
  const type = "Degraded";
  if (!isKnown(told)) return { type, status: "Unknown", reason: decision.verdict, message: decision.reason };
  if (!isMissed(told)) return { type, status: "False", reason: "ObjectivesMet", message: "" };
  if (isHelped(told)) return { type, status: "False", reason: "PlanExecuted", message: decision.reason };
  const { verdict: reason, message } = execution ?? { ...decision, message: decision.reason };
  return { type, status: "True", reason, message };
}

function isHelped({ decision, execution }: Told): boolean {
  return decision.verdict === "Planned" && execution?.verdict === "Done";
}

function unknown({ decision: { verdict, reason } }: Told): Draft {
  if (verdict === "Unknown") return { type: "Unknown", status: "True", reason: "NotMeasured", message: reason };
  return { type: "Unknown", status: "False", reason: "Measured", message: "" };
}

/** Whoever else decides about the workload is named before there is a plan to be in the way of. */
function conflict({ seen, decision, execution }: Told): Draft {
  const type = "Conflict";
  if (decision.verdict === "Conflict") return { type, status: "True", reason: "OtherIntent", message: decision.reason };
  if (execution?.verdict === "Conflict")
    return { type, status: "True", reason: "OtherOwner", message: execution.message };
  const rivals = seen.target?.rivals ?? [];
  if (rivals.length === 0) return { type, status: "False", reason: "SoleOwner", message: "" };
  const message = rivals.map(({ kind, name, of }) => `${kind} ${name} decides about its ${of}`).join(", ");
  return { type, status: "True", reason: "OtherOwner", message };
}

import type { IntentStatus } from "@walras/api";

import type { IntentDecision } from "../decide/decision.ts";
import type { SeenIntent } from "../loop/ports.ts";
import type { EffectTold, Told } from "../loop/steps.ts";
import { rounded } from "./rounded.ts";

export type LastPlan = NonNullable<IntentStatus["lastPlan"]>;

/** As many as fit into an object that everybody watches. */
const mostActions = 256;
const mostRejections = 20;
const longestMessage = 1024;

/** The plan is being carried out; whoever finds it so has come after one who died. */
const inProgress = "InProgress";

/** It would be done, were the intent active. */
const drafted = "Drafted";

/** What came of a plan of which nothing was begun. */
const notBegun: ReadonlySet<string> = new Set(["CoolingDown", "Conflict"]);

/** The last plan that was begun or drafted, with what came of it. What was not begun is told in conditions. */
export function lastPlanOf(
  { decision, execution, effect }: Told,
  before: LastPlan | undefined,
  nowMs: number,
): LastPlan | undefined {
  const last = effect && before ? withEffect(before, effect) : before;
  if (decision.plan.length === 0) return left(last);
  if (execution === null) return draftOf(decision, last, nowMs);
  if (notBegun.has(execution.verdict)) return left(last);
  const { at, ...plan } = planOf(decision, nowMs);
  const message = execution.message.slice(0, longestMessage);
  return { at: last?.outcome === inProgress ? last.at : at, ...plan, outcome: execution.verdict, message };
}

/** A draft that is the same as the one before is no news. */
function draftOf(decision: IntentDecision, last: LastPlan | undefined, nowMs: number): LastPlan {
  const plan = planOf(decision, nowMs);
  if (last?.outcome === drafted && same(last, plan)) return last;
  return { ...plan, outcome: drafted, message: decision.reason.slice(0, longestMessage) };
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

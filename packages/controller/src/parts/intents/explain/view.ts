import type { IntentStatus } from "@walras/api";

import type { Told } from "../loop/steps.ts";

/** What /intents shows of one intent. Pods are not named but in plans, which remove some. */
export interface IntentView {
  readonly name: string;
  readonly target: string;
  readonly verdict: string;
  readonly reason: string;
  readonly active: boolean;
  readonly objectives: Told["decision"]["objectives"];
  readonly plan: Told["decision"]["plan"];
  readonly cost: number;
  readonly rejected: Told["decision"]["rejected"];
  readonly execution: Told["execution"];
  readonly effect: Told["effect"];
  /** How many states were looked at, and what ended that. */
  readonly states: number;
  readonly cutShort: Told["decision"]["cutShort"];
  readonly lastPlan: IntentStatus["lastPlan"] | null;
}

export interface IntentsView {
  /** null before the first round. */
  readonly at: string | null;
  readonly intents: readonly IntentView[];
  readonly invalid: readonly { readonly name: string; readonly problem: string }[];
}

export function viewOf({ seen, decision, execution, effect }: Told, status: IntentStatus): IntentView {
  const { intent: name, target, verdict, reason, objectives, plan, cost, rejected, states, cutShort } = decision;
  return {
    name,
    target,
    verdict,
    reason,
    active: seen.intent.active,
    objectives,
    plan,
    cost,
    rejected,
    execution,
    effect,
    states,
    cutShort,
    lastPlan: status.lastPlan ?? null,
  };
}

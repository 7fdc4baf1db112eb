import type { Action, Wish } from "./snapshot.ts";

/** What came of planning for an intent. */
export const planVerdicts = [
  /** Everything is met and stays as it is. */
  "Fulfilled",
  /** The plan meets every objective. */
  "Planned",
  /** The plan goes as far towards the objectives as it may. */
  "Bounded",
  /** Nothing that may be done leads to the objectives. */
  "Unreachable",
  /** Something would be done, but not now. */
  "Held",
  /** What is not known is not decided from. */
  "Unknown",
  /** Another intent of the same workload goes first. */
  "Conflict",
  /** The intent asks for something that is not its own. */
  "Refused",
] as const;
export type PlanVerdict = (typeof planVerdicts)[number];

/** An action that is not in the plan, and why. */
export interface Rejection extends Action {
  readonly reason: string;
}

export interface ObjectiveOutlook {
  readonly profile: string;
  readonly target: number;
  /** null: not known. */
  readonly value: number | null;
  /** After the plan; null: not known. */
  readonly expected: number | null;
  readonly met: boolean | null;
}

/** What is planned for one intent. */
export interface IntentDecision {
  readonly intent: string;
  readonly target: string;
  readonly verdict: PlanVerdict;
  readonly reason: string;
  readonly plan: readonly Action[];
  /** Over doing nothing, in units of what the workload takes now; below 0 it saves. */
  readonly cost: number;
  readonly rejected: readonly Rejection[];
  readonly objectives: readonly ObjectiveOutlook[];
  /** The plan is to be done: the intent is active. */
  readonly execute: boolean;
  /** What to note for the stabilisation window; null: nothing was planned. */
  readonly wish: Wish | null;
  readonly states: number;
  /** What ended the search before the plan was proved to be the cheapest; null: it is. */
  readonly cutShort: "states" | "time" | null;
}

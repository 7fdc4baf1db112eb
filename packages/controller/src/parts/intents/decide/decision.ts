import type { Action, Moment, Wish } from "./snapshot.ts";

/**
 * What came of planning for an intent.
 *
 * - Fulfilled: everything is met and stays as it is.
 * - Planned: the plan meets every objective.
 * - Bounded: the plan goes as far towards the objectives as it may.
 * - Unreachable: nothing that may be done leads to the objectives.
 * - Held: something would be done, but not now.
 * - Unknown: what is not known is not decided from.
 * - Conflict: another intent of the same workload goes first.
 * - Refused: the intent asks for something that is not its own.
 */
export type PlanVerdict =
  | "Fulfilled"
  | "Planned"
  | "Bounded"
  | "Unreachable"
  | "Held"
  | "Unknown"
  | "Conflict"
  | "Refused";

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
  /** It is planned for what is to come, with what plans before it come to. */
  readonly foreseen: boolean;
  /** What to note for the stabilisation window; null: nothing was planned. */
  readonly wish: Wish | null;
  /** What to note of the moment, for what is to come; null: nothing was planned, or no load is measured. */
  readonly moment: Moment | null;
  readonly states: number;
  /** What ended the search before the plan was proved to be the cheapest; null: it is. */
  readonly cutShort: "states" | "time" | null;
}

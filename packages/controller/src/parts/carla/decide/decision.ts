/** Why an application is not released now. */
export const holdReasons = [
  "no_such_application",
  "unknown_state",
  "in_flight",
  "deleting",
  "auto_sync",
  "not_remembered",
  "unknown_freeze",
  "frozen",
  "backing_off",
  "condemned_revision",
  "unknown_headroom",
  "low_headroom",
  "outside_allowed_window",
  "window_too_short",
  "waits_for_dependency",
  "unknown_change",
  "requires_pruning",
  "never_in_sync",
  "high_risk_paused",
  "over_rmax",
  "budget_spent",
  "reserved_for_starving",
  "no_room_now",
  "refused",
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** The score and what it is made of; the terms add up to the total. */
export interface Score {
  readonly depth: number;
  readonly inverseResource: number;
  readonly risk: number;
  readonly window: number;
  readonly wait: number;
  readonly total: number;
}

/** One application's part in a decision. */
export interface AppDecision {
  readonly name: string;
  readonly score: Score;
  /** Configured risk and what is known of the change and of the past. */
  readonly risk: number;
  readonly r: number;
  readonly revision: string | null;
}

export interface HeldApp extends AppDecision {
  readonly reason: HoldReason;
  /** For people: names and values. */
  readonly detail: string;
  /** Of what a window or a freeze holds: when it may go, wall milliseconds; null: not within a year, or nobody knows. */
  readonly nextOpenMs?: number | null;
}

/** What one tick comes to. */
export interface ReleaseDecision {
  readonly nowMs: number;
  /** The policy's calendar, not that of clinics. */
  readonly allowedWindow: boolean;
  /** 1 − max(cpu/θ, memory/θ) in [−1, 1]; null: unknown. */
  readonly headroom: number | null;
  /** In the order of release. */
  readonly selected: readonly AppDecision[];
  /** Everything pending, or of unknown state, that is not selected; by name. */
  readonly held: readonly HeldApp[];
  /** The decision as a whole, in the prototype's words. */
  readonly reason:
    | "exact"
    | "greedy"
    | "low_headroom"
    | "unknown_headroom"
    | "outside_allowed_window"
    | "frozen"
    | "no_pending_apps"
    | "no_selection_under_Rmax"
    | "all_held";
  /** r of what is selected and in flight. */
  readonly rmaxUsed: number;
  readonly highRiskPaused: readonly string[];
}

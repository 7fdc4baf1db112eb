import type { Opening } from "../calendar/calendar.ts";
import type { AppPolicy, Freeze, ReleasePolicy } from "../config/policy.ts";
import type { HeldApp, HoldReason } from "./decision.ts";
import type { Openings } from "./openings.ts";
import type { AppSnapshot } from "./snapshot.ts";

/** What holds an application back, whatever the others do. */
export type Hold = Pick<HeldApp, "reason" | "detail" | "nextOpenMs">;

/** One application with all that its own gates look at. */
export interface Candidate {
  readonly app: AppPolicy;
  readonly state: AppSnapshot;
  readonly opening: Opening;
  readonly risk: number;
}

/** What all gates look at. */
export interface GateContext {
  readonly policy: ReleasePolicy;
  readonly nowMs: number;
  readonly headroom: number | null;
  readonly openings: Openings;
  /** High-risk applications need consent. */
  readonly pausesHighRisk: boolean;
  readonly override: boolean;
  /** Why it is not known what was released before; null: it is. */
  readonly unremembered: string | null;
  /** The policy's and those beside it; null: not known. */
  readonly freezes: readonly Freeze[] | null;
  /** How long Argo CD may take to begin what it is asked for, milliseconds. */
  readonly beginsInMs: number;
  /** null: not configured, or unknown to Argo CD. */
  readonly stateOf: (name: string) => AppSnapshot | null;
}

export type Gate = (candidate: Candidate, context: GateContext) => Hold | null;

export function hold(reason: HoldReason, detail: string): Hold {
  return { reason, detail };
}

/** RFC 3339, without milliseconds where there are none. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

export function number(value: number): string {
  return String(Number(value.toFixed(4)));
}

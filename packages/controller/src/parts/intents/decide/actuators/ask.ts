import type { ActuatorsConfig } from "../../config/actuators.ts";
import type { Candidate, Forecast } from "../forecast.ts";
import type { ForeignAnswers } from "../foreign/told.ts";
import type { Limits } from "../limits.ts";
import type { Action } from "../snapshot.ts";
import type { Manner, Workload } from "../workload.ts";

/** What an actuator is told of the intent that it may help. */
export interface Ask {
  readonly workload: Workload;
  readonly actuators: ActuatorsConfig;
  readonly manner: Manner;
  readonly limits: Limits;
  readonly forecast: Forecast;
  /** The part of a target by which a plan that takes something away stays below it. */
  readonly hysteresis: number;
  /** Most candidates of one actuator in one state. */
  readonly mostCandidates: number;
  /** Actuators in other processes; undefined: there are none. */
  readonly foreign?: ForeignAnswers | undefined;
}

/** One action, with what it would lead to. */
export interface Proposal {
  readonly action: Action;
  readonly to: Candidate;
  /** A guess to learn from, rather than something known. */
  readonly proactive: boolean;
  /** What keeps it from going as far as it would have to; null: nothing. */
  readonly bounded: string | null;
  /** What a foreign actuator says it costs; undefined: it is our own. */
  readonly utility?: number;
}

/** What is not proposed, and why. */
export interface Refusal {
  readonly action: Action;
  readonly reason: string;
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  readonly refusals: readonly Refusal[];
}

export const nothing: Proposals = { proposals: [], refusals: [] };

/** Decides what one kind of action could do in a state. Pure: the same state, the same proposals. */
export interface Actuator {
  readonly name: string;
  propose(at: Candidate, ask: Ask): Proposals;
}

/** Nothing is proposed but a reason. */
export function refused(action: Action, reason: string): Proposals {
  return { proposals: [], refusals: [{ action, reason }] };
}

/** Whether an objective in a state counts on the model of replicas, which needs to know the load. */
export function lacksLoad({ workload }: Ask): boolean {
  return workload.load === null && workload.aims.some(({ type }) => type === "latency");
}

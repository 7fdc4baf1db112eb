import type { Action, IntentSnapshot } from "../../decide/snapshot.ts";

/** A plan of a foreign planner. */
export interface ForeignPlan extends Pick<IntentSnapshot, "target" | "resources" | "annotations"> {
  /** `namespace/name` of the intent. */
  readonly intent: string;
  /** Names of the pods there are. */
  readonly pods: readonly string[];
  /** All of it, also what others carry out. */
  readonly plan: readonly Action[];
}

/** Does and learns what a foreign planner asks of our actuators. */
export interface PlanCarrier {
  /** Does what is the actuator's own in a plan. @throws Error where it cannot be done */
  perform(actuator: string, plan: ForeignPlan, signal: AbortSignal): Promise<void>;
  /** A good moment for the actuator to learn of an intent. @throws Error where it cannot */
  learn(actuator: string, intent: string, signal: AbortSignal): Promise<void>;
}

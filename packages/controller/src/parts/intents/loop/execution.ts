import type { Action } from "../decide/snapshot.ts";
import type { SeenIntent } from "./ports.ts";

/**
 * What came of carrying a plan out.
 *
 * - Done: every write of it was taken.
 * - Conflict: somebody else decides about the same; nothing was done.
 * - Outdated: things are not as they were planned for; what was done is undone.
 * - Refused: somebody does not allow it; what was done is undone.
 * - RolledBack: it failed in the middle; what was done is undone.
 * - LeftHalfDone: it failed, and so did undoing it.
 * - CoolingDown: an actuator of it was used a moment ago; nothing was done.
 */
type ExecutionVerdict = "Done" | "Conflict" | "Outdated" | "Refused" | "RolledBack" | "LeftHalfDone" | "CoolingDown";

export interface Execution {
  readonly verdict: ExecutionVerdict;
  /** A sentence for people. */
  readonly message: string;
}

/** A plan of which everything was done may have changed something. */
export function hasActed({ verdict }: Execution): boolean {
  return verdict === "Done" || verdict === "LeftHalfDone";
}

/** Carries plans out. Nothing is thrown. */
export interface Actor {
  /**
   * Why a plan cannot be carried out now, by what is known without asking anybody; null: it can.
   *
   * @param foreseen it was planned with an outlook: only what was refused cools down
   */
  obstacleTo(seen: SeenIntent, plan: readonly Action[], nowMs: number, foreseen?: boolean): Execution | null;
  /** @param nowMs of the wall clock, by which actuators cool down */
  execute(seen: SeenIntent, plan: readonly Action[], nowMs: number, foreseen?: boolean): Promise<Execution>;
  /** Takes back what the last plan of this intent did, if this process did it. @returns null: there is nothing to take back */
  revert(intent: string): Promise<Execution | null>;
}

import type { ScaledRef } from "../../decide/asker.ts";

/** How many jobs are wanted, from memory, in microseconds. */
export interface DemandSource {
  /**
   * @returns jobs; Infinity: as many as there is room for
   * @throws NotKnown where it is not known now
   * @throws FieldError where the trigger's metadata is malformed, naming key and value
   */
  wanted(ref: ScaledRef): number;
}

/** One thing that is watched in the background while triggers ask for it. */
export interface Watched {
  start(): void;
  stop(): void;
  /** Items that wait for a job. @throws NotKnown */
  items(): number;
}

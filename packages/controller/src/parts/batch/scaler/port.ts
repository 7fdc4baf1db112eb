import type { ScaledRef } from "../decide/asker.ts";

/** What the scaler answers from, in microseconds, from memory. */
export interface SlotAnswers {
  /** @throws NotKnown when telemetry is stale or unknown: an error, never a value */
  poll(ref: ScaledRef): { readonly value: number; readonly active: boolean };
}

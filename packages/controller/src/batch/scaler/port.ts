/** Whose jobs: the ScaledJob or ScaledObject whose trigger asks, and all of the trigger's metadata. */
export interface ScaledRef {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the scaler answers from, in microseconds, from memory. */
export interface SlotAnswers {
  /** @throws ScalerUnavailable when telemetry is stale or unknown: an error, never a value */
  poll(ref: ScaledRef): { readonly value: number; readonly active: boolean };
}

/** There is no honest answer now. KEDA shows the message on the object that asked. */
export class ScalerUnavailable extends Error {
  override readonly name = "ScalerUnavailable";
}

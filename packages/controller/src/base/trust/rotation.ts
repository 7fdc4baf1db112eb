import type { Dated, Held } from "./held.ts";

export const rotation = {
  lifetimeMs: 90 * 86_400_000,
  /** A clock that is so much behind ours takes a new certificate all the same. */
  backdatedMs: 86_400_000,
  /** With so much of its life left, the next one is made. */
  aheadMs: 30 * 86_400_000,
  /** For so long the API servers have been told to trust an authority before anything of it is served. */
  settleMs: 600_000,
  /** With so little left nothing is waited for. */
  lastMs: 3_600_000,
} as const;

/**
 * begin: there is nothing that can be served. stage: the next one is made, and its authority trusted beside the current one.
 * promote: the next one is served, and the authority before stays trusted.
 */
export type RotationStep = "keep" | "begin" | "stage" | "promote";

/** @param trustedMs for how long the API servers have been told to trust the next one */
export function stepOf(held: Held | null, nowMs: number, trustedMs: number): RotationStep {
  if (!held || leftMs(held.next ?? held.current, nowMs) <= 0) return "begin";
  const { current, next } = held;
  if (!next) return leftMs(current, nowMs) <= rotation.aheadMs ? "stage" : "keep";
  return trustedMs >= rotation.settleMs || leftMs(current, nowMs) <= rotation.lastMs ? "promote" : "keep";
}

function leftMs({ untilMs }: Dated, nowMs: number): number {
  return untilMs - nowMs;
}

/** A new beginning; whoever was served before may be for a while yet. */
export function begun(fresh: Dated, before: Dated | null): Held {
  return { current: fresh, next: null, previousAuthority: before?.identity.authority ?? null };
}

export function promoted(held: Held): Held {
  return held.next ? begun(held.next, held.current) : held;
}

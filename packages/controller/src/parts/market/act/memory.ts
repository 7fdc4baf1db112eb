import type { Ineligibility } from "../observe/eligibility.ts";

/** What a refusal is about: who may not have more guaranteed, or a higher ceiling, may still shrink, and the other way about. */
export type Lane = "request" | "limit" | "cut";

export interface Refusal {
  readonly reason: string;
  readonly message: string;
  /** Nothing of its lane is asked for before. */
  readonly untilMs: number;
  readonly attempts: number;
}

export type Refusals = Readonly<Partial<Record<Lane, Refusal>>>;

/** What is remembered of a pod between decisions; everything else is read from the pod. */
export interface ResizeMemory {
  /** The generation our last patch made; 0 without one. */
  readonly patchedGeneration: number;
  readonly lastCutMs: number;
  readonly deferredSinceMs: number | null;
  /** What the API server or the node refused. */
  readonly refusals: Refusals;
  /** The node never resizes this pod. */
  readonly barred: Ineligibility | null;
}

export function isPaused(refusals: Refusals, lane: Lane, nowMs: number): boolean {
  return nowMs < (refusals[lane]?.untilMs ?? -Infinity);
}

/** The refusal that stands longest; null: none does. */
export function standingRefusal({ refusals }: ResizeMemory, nowMs: number): Refusal | null {
  const standing = Object.values(refusals).filter(({ untilMs }) => nowMs < untilMs);
  return standing.toSorted((one, other) => other.untilMs - one.untilMs)[0] ?? null;
}

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";

/** What a container has used for a while. */
export interface Use {
  /** The end of it. */
  readonly atMs: number;
  /** How much of it was watched. */
  readonly coveredMs: number;
  /** What it would have used meanwhile, had nothing held it back. */
  readonly neededMilliMs: number;
  /** The highest mean of some seconds. */
  readonly meanMilli: number;
}

/** What workloads have been seen to need over hours and days, whichever pods did. */
export interface Habits {
  /** Learns from what a container has used since the last time. */
  note(pod: PodState, container: ContainerState, use: Use): void;
  /** What its history asks as the container's request now; null: nothing is known. */
  requestMilli(pod: PodState, container: ContainerState, declaredMilli: number): number | null;
  /** The pod is gone. */
  forget(podUid: string): void;
}

/** Remembers nothing. */
export const noHabits: Habits = { note: () => undefined, requestMilli: () => null, forget: () => undefined };

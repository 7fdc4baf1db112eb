import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import type { Demand } from "../decide/snapshot.ts";

/** What workloads have been seen to need over hours and days, whichever pods did. */
export interface Habits {
  /** Learns from what is believed of a container after its newest sample. */
  note(pod: PodState, container: ContainerState, demand: Demand): void;
  /** What its history asks as the container's request now; null: nothing is known. */
  requestMilli(pod: PodState, container: ContainerState, declaredMilli: number): number | null;
  /** The pod is gone. */
  forget(podUid: string): void;
}

/** Remembers nothing. */
export const noHabits: Habits = { note: () => undefined, requestMilli: () => null, forget: () => undefined };

import type { SchedPod } from "../schedule/pod.ts";
import type { Budget } from "./budget.ts";

/** A pod that has no place, and one for which others leave. */
export interface Nomination {
  readonly pod: SchedPod;
  readonly node: string;
  /** UUIDs that are kept for it; empty: none, or the kubelet chooses. */
  readonly devices: readonly string[];
  /** Who is evicted for it. Who leaves already is not among them. */
  readonly victims: readonly SchedPod[];
  /** Why they are: they are less important, or have room elsewhere. */
  readonly by: "priority" | "defragmentation";
}

/** What a cycle needs to know to make room. */
export interface Preempting {
  /** Those that hold, by the UID of whom they are for. */
  readonly nominations: ReadonlyMap<string, Nomination>;
  /** Whether it is still to be waited for those who leave for this pod. */
  readonly waits: (uid: string) => boolean;
  readonly budgets: readonly Budget[];
  /** UIDs of pods that were to leave a while ago, and were not let. */
  readonly spared: ReadonlySet<string>;
  /** Whether anybody is evicted for a more important one. */
  readonly evicts: boolean;
}

/** What became of making room in one cycle. */
export interface RoomMade {
  /** Each for one pod, or for all of a gang: all of its victims are evicted, or none is. */
  readonly made: readonly (readonly Nomination[])[];
  /** Nominations that hold on: nobody else is evicted for these. */
  readonly kept: ReadonlySet<string>;
  /** Pods whose nomination a more important one took. */
  readonly displaced: readonly SchedPod[];
}

export const noRoomMade: RoomMade = { made: [], kept: new Set(), displaced: [] };

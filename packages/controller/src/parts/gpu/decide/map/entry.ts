import type { GpuPod } from "../snapshot.ts";

/** One line of a scheduling map: these GPUs of this node are for the pod with this ordinal. */
export interface MapEntry {
  /** Where it stands in the map, from 0. */
  readonly entry: number;
  readonly podIndex: number;
  readonly node: string;
  /** Ascending: GPUs by number, MIG instances by slot (mig/slot.ts). */
  readonly gpus: readonly number[];
  /** Entries of one name may have the same GPU together. null: it is shared by `gpuMilli` alone. */
  readonly share: string | null;
}

export type ConditionType =
  | "Malformed"
  | "IndexTwice"
  | "AmbiguousPod"
  | "UnknownNode"
  | "AmbiguousNode"
  | "UnknownGpu"
  | "WrongCount"
  | "WrongModel"
  | "DoubleBooking"
  | "NoRoom";

/** What is wrong with an entry. */
export interface MapCondition {
  readonly type: ConditionType;
  readonly entry: number;
  /** null where the entry does not say. */
  readonly podIndex: number | null;
  /** Names the field and the value. */
  readonly message: string;
}

/** A map as it was read: what could be read of it, and what could not. */
export interface SchedulingMap {
  readonly entries: readonly MapEntry[];
  readonly malformed: readonly MapCondition[];
}

/** An entry with the node and the pod that it names. */
export interface Pinned {
  readonly entry: MapEntry;
  /** Its index. */
  readonly node: number;
  /** null: no pod has this ordinal now. */
  readonly pod: GpuPod | null;
  /** Whether somebody whom it shares with by name has its GPUs already. */
  readonly booked: boolean;
}

export function conditionOf(type: ConditionType, { entry, podIndex }: MapEntry, message: string): MapCondition {
  return { type, entry, podIndex, message };
}

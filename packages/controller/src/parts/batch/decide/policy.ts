/** A taint that the jobs tolerate; undefined value: any. */
interface Toleration {
  readonly key: string;
  readonly value: string | undefined;
}

/** Which nodes have slots, and when a slot is free. */
export interface SlotPolicy {
  /** Label that a node must have: `posture/eligible=true`. */
  readonly eligibleLabel: { readonly key: string; readonly value: string };
  /** A node whose CPU over 30 s is at or above this has no room (0..1]. */
  readonly cpuThreshold: number;
  readonly excluded: ReadonlySet<string>;
  readonly tolerations: readonly Toleration[];
  /** CPU older than this is not known. */
  readonly freshMs: number;
  /** A job that was granted and does not appear within this will not. */
  readonly grantMs: number;
  /** A job that no node has taken for this long, while one had room, holds no slot any more. */
  readonly strandedMs: number;
  /** A trigger that has not asked for this long is not waited for. */
  readonly pollMemoryMs: number;
}

export const defaultSlotPolicy: SlotPolicy = {
  eligibleLabel: { key: "posture/eligible", value: "true" },
  cpuThreshold: 0.7,
  excluded: new Set(),
  tolerations: [],
  freshMs: 10_000,
  grantMs: 45_000,
  strandedMs: 60_000,
  pollMemoryMs: 45_000,
};

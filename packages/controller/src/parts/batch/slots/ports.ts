import type { ScaledRef } from "../decide/asker.ts";
import type { SlotJob, SlotPod } from "../decide/job.ts";
import type { NodeCpu, SlotNode } from "../decide/slot.ts";

/** The cluster as far as slots are concerned, from memory. */
export interface SlotView {
  /** What is not known to be current: watches that have not synced or have gone silent; empty when all is. */
  stale(): readonly string[];
  nodes(): Iterable<SlotNode>;
  jobs(): Iterable<SlotJob>;
  pods(): Iterable<SlotPod>;
}

/** A Job as it is now, or as it was when it was deleted. */
export interface JobChange {
  readonly type: "added" | "updated" | "deleted";
  readonly item: SlotJob;
}

/** CPU of nodes over 30 s, from memory. */
export interface SlotTelemetry {
  /** null: never heard of. */
  cpu(node: string): NodeCpu | null;
  /** What is wrong with the source as a whole; null: nothing. */
  trouble(): string | null;
}

/** How many jobs an owner would run if there were room for all. */
export interface SlotDemand {
  /** @throws NotKnown where that is not known */
  wanted(ref: ScaledRef): number;
  /** Most unfinished jobs of it at any time. */
  most(ref: ScaledRef): number;
}

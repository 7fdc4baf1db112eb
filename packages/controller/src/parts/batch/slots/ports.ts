import type { ScaledRef } from "../decide/asker.ts";
import type { SlotJob, SlotPod } from "../decide/job.ts";
import type { Scaling } from "../decide/scaling.ts";
import type { NodeCpu, SlotNode } from "../decide/slot.ts";

/** The cluster as far as slots are concerned, from memory. */
export interface SlotView {
  /** What is not known to be current: watches that have not synced or have gone silent; empty when all is. */
  stale(): readonly string[];
  nodes(): Iterable<SlotNode>;
  jobs(): Iterable<SlotJob>;
  pods(): Iterable<SlotPod>;
  /** What an owner's jobs are all made of, as a text that changes with it; undefined: each is its own. */
  madeOf(owner: string): string | undefined;
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
  /** How KEDA makes Jobs of it; undefined: it is not in the cluster, or not yet. */
  scaling(ref: ScaledRef): Scaling | undefined;
}

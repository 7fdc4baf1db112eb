import type { SlotPod } from "./job.ts";
import type { Slot } from "./slot.ts";

export interface ReliefPolicy {
  readonly cpuThreshold: number;
  /** At or above the threshold for this long without a break is overload. */
  readonly overloadMs: number;
}

/** Since when each node has been at or above the threshold, monotonic milliseconds. */
export type Overloads = ReadonlyMap<string, number>;

/** Unknown CPU neither begins an overload nor lets one go on: it is not known to have lasted. */
export function overloads(slots: readonly Slot[], before: Overloads, policy: ReliefPolicy, nowMs: number): Overloads {
  const now = new Map<string, number>();
  for (const { node, busyFraction } of slots) {
    if (busyFraction !== null && busyFraction >= policy.cpuThreshold) now.set(node, before.get(node) ?? nowMs);
  }
  return now;
}

/** The youngest job of each node that has been overloaded for long: it loses the least work. */
export function victims(
  overloaded: Overloads,
  pods: Iterable<SlotPod & { readonly terminating: boolean }>,
  policy: ReliefPolicy,
  nowMs: number,
): ReadonlyMap<string, SlotPod> {
  const youngest = new Map<string, SlotPod>();
  for (const pod of pods) {
    const sinceMs = overloaded.get(pod.node);
    if (sinceMs === undefined || nowMs - sinceMs < policy.overloadMs || pod.ended || pod.terminating) continue;
    const other = youngest.get(pod.node);
    if (!other || pod.createdAtMs > other.createdAtMs) youngest.set(pod.node, pod);
  }
  return youngest;
}

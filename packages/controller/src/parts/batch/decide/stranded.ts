import { rankLabel, slotLabel } from "./rank.ts";
import type { SlotNode } from "./slot.ts";

/** Milliseconds that each Job has been on no node while there was room, by UID. */
export type Waits = ReadonlyMap<string, number>;

/**
 * The waits after another look. A wait goes on only while some node has a free
 * slot: a job that waits for one to become free is not one that no node takes.
 * Who is on a node, or gone, has no wait any more.
 *
 * @param unbound UIDs of Jobs that are on no node
 * @param passedMs since the last look, as far as there was room
 */
export function waitsAfter(before: Waits, unbound: Iterable<string>, passedMs: number): Waits {
  const after = new Map<string, number>();
  for (const uid of unbound) after.set(uid, before.has(uid) ? (before.get(uid) ?? 0) + passedMs : 0);
  return after;
}

/** How long an owner is granted nothing more, after so many of its jobs in a row were taken by no node. */
export function restMs(times: number, firstMs: number): number {
  return Math.min(mostRestMs, firstMs * 2 ** (times - 1));
}

const mostRestMs = 3_600_000;

/** What the ranker writes is no change of what a node takes. */
const ownLabels = new Set([slotLabel, rankLabel]);

/** A text that differs when what the nodes would take does. */
export function gistOf(nodes: Iterable<SlotNode>): string {
  const gists = [...nodes].map(({ name, labels, ready, unschedulable, taints, allocatable }) =>
    JSON.stringify([
      name,
      Object.entries(labels)
        .filter(([key]) => !ownLabels.has(key))
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      ready,
      unschedulable,
      taints,
      allocatable,
    ]),
  );
  return gists.toSorted().join("\n");
}

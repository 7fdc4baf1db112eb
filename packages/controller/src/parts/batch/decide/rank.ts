import type { Slot } from "./slot.ts";

/** Ours alone, so that what we wrote is told from what others wrote. */
export const rankManager = "walras-batch";
export const slotLabel = "posture/slot";
export const rankLabel = "posture/rank";

/** Who wrote each of the two labels that a node has. */
export type LabelOwners = ReadonlyMap<string, readonly string[]>;

/** Two nodes change places only when they differ by more than this share of CPU. */
const hysteresis = 0.05;
/** The prototype's rank of nodes that should not be chosen. */
const unranked = 9999;

/**
 * Free nodes, most free CPU first. Nodes that differ little keep the order
 * they had, so that labels do not flutter with the load.
 *
 * @param before names in the order of last time
 */
export function rankFree(slots: readonly Slot[], before: readonly string[]): readonly string[] {
  const busy = new Map<string, number>();
  for (const { node, state, busyFraction } of slots)
    if (state === "free" && busyFraction !== null) busy.set(node, busyFraction);
  const known = before.filter((node) => busy.has(node));
  const fresh = [...busy.keys()].filter((node) => !known.includes(node)).toSorted(byCpu(busy));
  const order: string[] = [];
  for (const node of [...known, ...fresh]) insert(order, node, busy);
  return order;
}

/** Moves up past those that are busier by more than the hysteresis, stopping at the first that is not. */
function insert(order: string[], node: string, busy: ReadonlyMap<string, number>): void {
  const own = busy.get(node) ?? 1;
  let at = order.length;
  while (at > 0 && (busy.get(order[at - 1] ?? "") ?? 0) - own > hysteresis) at -= 1;
  order.splice(at, 0, node);
}

function byCpu(busy: ReadonlyMap<string, number>): (one: string, other: string) => number {
  return (one, other) => (busy.get(one) ?? 1) - (busy.get(other) ?? 1) || (one < other ? -1 : 1);
}

/** Labels that a node is to have; undefined: none. */
export interface RankLabels {
  readonly slot: string | undefined;
  readonly rank: string;
}

/** The labels that others have written, by hand or otherwise, with who did. */
export function othersLabels(owners: LabelOwners): ReadonlyMap<string, string> {
  const others = new Map<string, string>();
  for (const [label, managers] of owners) {
    const other = managers.find((manager) => manager !== rankManager);
    // A label of which no writer is known was not written by us.
    if (other !== undefined || managers.length === 0) others.set(label, other ?? "somebody");
  }
  return others;
}

/** What we are to write of a node: never a label that is another's. @param wanted null: the node takes no jobs */
export function writtenOf(
  wanted: RankLabels | null,
  others: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const labels = { [slotLabel]: wanted?.slot, [rankLabel]: wanted?.rank };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([label, value]) =>
      value === undefined || others.has(label) ? [] : [[label, value] as const],
    ),
  );
}

/** slot-1 for the most free node, and so on; nodes without room have no slot. */
export function labelsOf(slots: readonly Slot[], order: readonly string[]): ReadonlyMap<string, RankLabels> {
  const places = new Map(order.map((node, index) => [node, index + 1]));
  const labels = new Map<string, RankLabels>();
  for (const { node, state } of slots) {
    const place = places.get(node);
    if (place !== undefined) labels.set(node, { slot: `slot-${place}`, rank: String(place) });
    else if (state !== "ineligible") labels.set(node, { slot: undefined, rank: String(unranked) });
  }
  return labels;
}

import type { Slot } from "../decide/slot.ts";

/** Slots that others have already: those of jobs that are on no node yet, and grants that no job has taken up. */
export interface Promised {
  readonly jobs: number;
  readonly grants: number;
}

/** More are counted, not named. */
const mostNamed = 3;

/**
 * Why no job may start now, in words.
 *
 * @param troubles what is not known or not ours to decide; empty: nothing
 * @returns null: one may
 */
export function whyNone(
  slots: readonly Slot[],
  allowed: number,
  { troubles, promised }: { readonly troubles: readonly string[]; readonly promised: Promised },
): string | null {
  if (troubles.length > 0) return troubles.join(", ");
  if (allowed > 0) return null;
  if (slots.length === 0) return "the cluster has no nodes";
  const eligible = slots.filter(({ state }) => state !== "ineligible");
  if (eligible.length === 0) return `no node takes jobs: ${named(slots)}`;
  const free = eligible.filter(({ state }) => state === "free").length;
  if (free === 0) return `no eligible node has room: ${named(eligible)}`;
  const { jobs, grants } = promised;
  return `${free} free nodes are promised: to ${jobs} jobs that are on no node yet, and by ${grants} grants that no job has taken up`;
}

function named(slots: readonly Slot[]): string {
  const first = slots.slice(0, mostNamed).map(({ node, detail }) => `${node}: ${detail}`);
  const more = slots.length - first.length;
  return [...first, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

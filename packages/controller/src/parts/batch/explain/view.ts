import type { Slot } from "../decide/slot.ts";
import type { SlotPolicy } from "../decide/policy.ts";

/** /eligible as the prototype answered it. */
export interface EligibleView {
  readonly threshold: number;
  readonly excluded: readonly string[];
  readonly nodes: readonly {
    readonly node: string;
    /** null: not known. */
    readonly cpu30s: number | null;
    readonly eligible: boolean;
    readonly excluded: boolean;
    readonly state: Slot["state"];
    readonly detail: string;
  }[];
}

/** /allowed as the prototype answered it: how many jobs may start now, and where there is room. */
export interface AllowedView {
  readonly allowed: number;
  readonly eligible: readonly string[];
  readonly threshold: number;
  readonly excluded: readonly string[];
  /** Why none is allowed; null: some are. */
  readonly reason: string | null;
}

/** /last as the prototype's ranker answered it. */
export interface LastView {
  readonly eligible_count: number;
  readonly eligible_nodes: readonly string[];
  readonly excluded: readonly string[];
  readonly cpu_by_node: Readonly<Record<string, number>>;
}

export function eligibleView(slots: readonly Slot[], policy: SlotPolicy): EligibleView {
  return {
    threshold: policy.cpuThreshold,
    excluded: [...policy.excluded].toSorted(),
    nodes: byName(slots).map(({ node, busyFraction, state, detail }) => ({
      node,
      cpu30s: busyFraction === null ? null : rounded(busyFraction),
      eligible: state === "free",
      excluded: policy.excluded.has(node),
      state,
      detail,
    })),
  };
}

export function allowedView(
  slots: readonly Slot[],
  { allowed, reason }: Pick<AllowedView, "allowed" | "reason">,
  policy: SlotPolicy,
): AllowedView {
  const excluded = [...policy.excluded].toSorted();
  return { allowed, eligible: free(slots), threshold: policy.cpuThreshold, excluded, reason };
}

/** @param order free nodes, best first */
export function lastView(slots: readonly Slot[], order: readonly string[], policy: SlotPolicy): LastView {
  const known = byName(slots).filter(({ busyFraction, state }) => busyFraction !== null && state !== "ineligible");
  return {
    eligible_count: order.length,
    eligible_nodes: order,
    excluded: [...policy.excluded].toSorted(),
    cpu_by_node: Object.fromEntries(known.map(({ node, busyFraction }) => [node, rounded(busyFraction ?? 0)])),
  };
}

function free(slots: readonly Slot[]): string[] {
  return byName(slots.filter(({ state }) => state === "free")).map(({ node }) => node);
}

function byName(slots: readonly Slot[]): readonly Slot[] {
  return slots.toSorted((one, other) => (one.node < other.node ? -1 : 1));
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

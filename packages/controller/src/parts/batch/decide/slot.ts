import type { SlotPolicy } from "./policy.ts";

/** A taint of a node. */
interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** The part of a Node that decides whether it has a slot. */
export interface SlotNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  /** What it has to give, as one text; "" where that is not known. */
  readonly allocatable: string;
}

/** CPU of a node over 30 s. */
export interface NodeCpu {
  /** 0..1 */
  readonly busyFraction: number;
  /** Age of the measurement, milliseconds. */
  readonly ageMs: number;
}

/** One node's slot: free, or why not. */
export interface Slot {
  readonly node: string;
  readonly busyFraction: number | null;
  readonly state: "free" | "busy" | "occupied" | "unknown" | "ineligible";
  /** For people. */
  readonly detail: string;
}

/** What takes nodes for jobs at all: labelled, Ready, schedulable, not excluded. @returns why not; null: it does */
function ineligibleBecause(node: SlotNode, policy: SlotPolicy): string | null {
  const { key, value } = policy.eligibleLabel;
  if (node.labels[key] !== value) return `label ${key} is not ${value}`;
  if (policy.excluded.has(node.name)) return "excluded by name";
  if (!node.ready) return "not Ready";
  if (node.unschedulable) return "cordoned";
  const taint = node.taints.find((one) => one.effect !== "PreferNoSchedule" && !isTolerated(one, policy));
  return taint ? `taint ${taint.key}=${taint.value}:${taint.effect}` : null;
}

function isTolerated(taint: Taint, { tolerations }: SlotPolicy): boolean {
  return tolerations.some(({ key, value }) => key === taint.key && (value === undefined || value === taint.value));
}

/** The node's slot, as far as it alone is concerned. Unknown CPU is no room. */
export function slotOf(node: SlotNode, cpu: NodeCpu | null, occupant: string | undefined, policy: SlotPolicy): Slot {
  const busyFraction = cpu && cpu.ageMs <= policy.freshMs ? cpu.busyFraction : null;
  const slot = (state: Slot["state"], detail: string): Slot => ({ node: node.name, busyFraction, state, detail });
  const obstacle = ineligibleBecause(node, policy);
  if (obstacle !== null) return slot("ineligible", obstacle);
  if (occupant !== undefined) return slot("occupied", `runs ${occupant}`);
  if (busyFraction === null) {
    return slot("unknown", cpu ? `CPU was last heard of ${Math.round(cpu.ageMs / 1000)} s ago` : "CPU is not known");
  }
  const percent = `${Math.round(busyFraction * 100)} %`;
  return busyFraction < policy.cpuThreshold ? slot("free", `CPU ${percent}`) : slot("busy", `CPU ${percent}`);
}

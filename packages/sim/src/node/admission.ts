import type { QosClass } from "./cgroupNames.ts";
import type { Requests } from "./podView.ts";

/** What a node can give to pods, and how it treats exclusive CPUs. */
export interface NodeLimits {
  /** Allocatable CPU in millicores and memory in bytes. */
  readonly allocatable: Requests;
  readonly staticCpuManager: boolean;
}

/** Why a resize is not admitted, as condition PodResizePending tells it. */
export interface Refusal {
  readonly reason: "Deferred" | "Infeasible";
  readonly message: string;
}

/** A resize waiting for admission. */
export interface PendingResize {
  readonly qos: QosClass;
  readonly priority: number;
  /** Whether it asks for more of anything than is allocated. */
  readonly increases: boolean;
  /** When the condition came up, on the clock's wall time. */
  readonly sinceMs: number;
}

/**
 * Whether a node can do a resize now (allocation_manager.go, canResizePod):
 * undefined where it can. Messages are the kubelet's.
 *
 * @param wanted what the pod asks for
 * @param used what all other pods on the node hold
 */
export function refusalOf(
  node: NodeLimits,
  pod: { readonly qos: QosClass },
  wanted: Requests,
  used: Requests,
): Refusal | undefined {
  if (pod.qos === "Guaranteed" && node.staticCpuManager) {
    return infeasible("Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy");
  }
  const { allocatable } = node;
  const tooBig = (["memory", "cpu"] as const).find((name) => wanted[name] > allocatable[name]);
  if (tooBig) {
    const amounts = `requested: ${wanted[tooBig]}, capacity: ${allocatable[tooBig]}`;
    return infeasible(`Node didn't have enough capacity: ${tooBig}, ${amounts}`);
  }
  const message = shortageOf(node, wanted, used);
  return message === undefined ? undefined : { reason: "Deferred", message };
}

function infeasible(message: string): Refusal {
  return { reason: "Infeasible", message };
}

/** InsufficientResourceError of the kubelet; undefined where the pod fits beside the others. */
export function shortageOf({ allocatable }: NodeLimits, wanted: Requests, used: Requests): string | undefined {
  const short = (["cpu", "memory"] as const).find((name) => used[name] + wanted[name] > allocatable[name]);
  if (!short) return undefined;
  const amounts = `requested: ${wanted[short]}, used: ${used[short]}, capacity: ${allocatable[short]}`;
  return `Node didn't have enough resource: ${short}, ${amounts}`;
}

const qosRank: Readonly<Record<QosClass, number>> = { Guaranteed: 0, Burstable: 1, BestEffort: 2 };

/**
 * The order of retries (KEP-1287, "Priority of Resize Requests"): those that
 * ask for nothing more first, then by priority, QoS class and age.
 */
export function inRetryOrder<Pending extends PendingResize>(waiting: readonly Pending[]): readonly Pending[] {
  return waiting.toSorted(
    (one, other) =>
      Number(one.increases) - Number(other.increases) ||
      other.priority - one.priority ||
      qosRank[one.qos] - qosRank[other.qos] ||
      one.sinceMs - other.sinceMs,
  );
}

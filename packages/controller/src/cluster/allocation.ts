import type { PodAllocation, PodAllocationSpec, PodAllocationStatus } from "@walras/api";

/** A PodAllocation as stored, trimmed. */
export interface AllocationState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: PodAllocationSpec;
  readonly status: PodAllocationStatus;
}

export function toAllocationState(raw: unknown): AllocationState {
  const { metadata, spec, status } = raw as PodAllocation;
  return { uid: metadata.uid ?? "", namespace: metadata.namespace, name: metadata.name, spec, status: status ?? {} };
}

/** Longest name of an object. */
const longestName = 253;

/**
 * The name of a pod's PodAllocation: namespace-pod, as MBCAS has it, cut where
 * it would be too long; the UID keeps a cut name unique.
 */
export function allocationName(pod: {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}): string {
  const full = `${pod.namespace}-${pod.name}`;
  return full.length <= longestName ? full : `${full.slice(0, longestName - 9)}-${pod.uid.slice(0, 8)}`;
}

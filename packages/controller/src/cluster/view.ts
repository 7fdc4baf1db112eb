import type { AllocationState } from "./allocation.ts";
import type { NamespaceState, NodeState } from "./node.ts";
import type { PodState } from "./pod.ts";

/** What decisions read of the cluster; the stores behind it follow the API server. */
export interface ClusterView {
  podsOn(node: string): readonly PodState[];
  node(name: string): NodeState | undefined;
  namespace(name: string): NamespaceState | undefined;
  allocationOf(pod: PodState): AllocationState | undefined;
}

/** Opted in by the pod's label, or by its namespace's unless the pod opts out. */
export function isManaged(pod: PodState, view: Pick<ClusterView, "namespace">): boolean {
  if (pod.managed !== undefined) return pod.managed === "true";
  return view.namespace(pod.namespace)?.managed === "true";
}

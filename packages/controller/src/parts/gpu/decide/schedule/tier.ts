import type { SchedNode } from "./node.ts";
import { hasClaims, pluginResource, type SchedPod } from "./pod.ts";

/** By what a pod is kept to its GPUs. */
export type Tier = "dra" | "device-plugin" | "env";

/**
 * A claim is allocated by device, and the kubelet gives just that. Where the node's GPUs are a device plugin's, the kubelet gives them out without knowing of anybody who asks otherwise: such a pod
 * must ask the plugin. Elsewhere the variable is all there is.
 *
 * @returns null: this pod can have no GPU of this node
 */
export function tierOf(pod: Pick<SchedPod, "ask" | "claims" | "claimLack">, { allocatable }: SchedNode): Tier | null {
  if (hasClaims(pod)) return "dra";
  if (pod.ask.plugin) return "device-plugin";
  return (allocatable[pluginResource] ?? 0) > 0 ? null : "env";
}

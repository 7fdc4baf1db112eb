import type { SchedNode } from "./node.ts";
import { hasClaims, pluginResource, type SchedPod, vendor } from "./pod.ts";

/** By what a pod is kept to its GPUs. */
export type Tier = "dra" | "device-plugin" | "env";

/**
 * A claim is allocated by device, and the kubelet gives just that. Where the node's GPUs are a device plugin's, the kubelet gives them
 * out without knowing of anybody who asks otherwise: such a pod must ask the plugin. Elsewhere the variable is all there is.
 *
 * @returns null: this pod can have no GPU of this node
 */
export function tierOf(pod: Pick<SchedPod, "ask" | "claims" | "claimLack">, { allocatable }: SchedNode): Tier | null {
  const { ask } = pod;
  if (hasClaims(pod)) return "dra";
  if (ask.plugin) return "device-plugin";
  // A plugin offers MIG instances as nvidia.com/mig-1g.10gb or as nvidia.com/gpu.
  const isPlugins = (name: string): boolean => (ask.mig === null ? name === pluginResource : name.startsWith(vendor));
  return Object.entries(allocatable).some(([name, count]) => isPlugins(name) && count > 0) ? null : "env";
}

import type { SchedNode } from "./node.ts";
import { pluginResource, type SchedPod } from "./pod.ts";

/** By what a pod is kept to its GPUs. */
export type Tier = "device-plugin" | "env";

/**
 * Where the node's GPUs are a device plugin's, the kubelet gives them out without knowing of anybody who asks otherwise: such a pod
 * must ask the plugin. Elsewhere the variable is all there is.
 *
 * @returns null: this pod can have no GPU of this node
 */
export function tierOf({ ask }: Pick<SchedPod, "ask">, { allocatable }: SchedNode): Tier | null {
  if (ask.plugin) return "device-plugin";
  return (allocatable[pluginResource] ?? 0) > 0 ? null : "env";
}

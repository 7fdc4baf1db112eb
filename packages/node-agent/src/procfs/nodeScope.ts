import { BusySource } from "@walras/proto";

import type { FoundContainer } from "../cgroup/found.ts";

/** How a node's busy fraction is found: by the agent itself, by /proc/stat, or by the node's own cgroup root. */
export const nodeBusyChoices = ["auto", "proc", "cgroup"] as const;
export type NodeBusy = (typeof nodeBusyChoices)[number];

/**
 * The group the node's own tree of pods is in. Where several nodes share a
 * machine it is the one that holds most of this node's pods.
 *
 * @returns null while that cannot be told; empty at the hierarchy's root
 */
export function ownNodePath(
  nodePaths: readonly string[],
  found: readonly FoundContainer[],
  podNames: ReadonlySet<string>,
): string | null {
  if (nodePaths.length <= 1) return nodePaths[0] ?? null;
  const pods = new Map<string, number>();
  for (const { nodePath, podName } of found) {
    if (podNames.has(podName)) pods.set(nodePath, (pods.get(nodePath) ?? 0) + 1);
  }
  const [most] = [...pods].toSorted(([, one], [, other]) => other - one);
  return most?.[0] ?? null;
}

/**
 * A node whose tree is not at the root of a whole machine shares that machine,
 * so that /proc/stat speaks of others too.
 *
 * @param nodePath as `ownNodePath` tells
 */
export function chooseBusySource(choice: NodeBusy, wholeMachine: boolean, nodePath: string | null): BusySource {
  if (choice === "proc") return BusySource.BUSY_SOURCE_PROC_STAT;
  if (choice === "cgroup" || !wholeMachine) return BusySource.BUSY_SOURCE_CGROUP_ROOT;
  if (nodePath === null) return BusySource.BUSY_SOURCE_UNSPECIFIED;
  return nodePath === "" ? BusySource.BUSY_SOURCE_PROC_STAT : BusySource.BUSY_SOURCE_CGROUP_ROOT;
}

import type { UsageReading } from "./source.ts";

/** A node's share of the cluster and how much of it is in use. */
export interface NodeUsage {
  readonly name: string;
  readonly cpuAllocatable: number;
  readonly memoryAllocatable: number;
  /** In the same units; null: not known. */
  readonly cpuUsed: number | null;
  readonly memoryUsed: number | null;
}

/**
 * The cluster's usage as fractions of what is allocatable. A node that nobody
 * knows anything of counts as full; if that is all of them, nothing is known.
 */
export function sumUsage(nodes: readonly NodeUsage[]): UsageReading {
  const silent = nodes.filter(({ cpuUsed, memoryUsed }) => cpuUsed === null || memoryUsed === null);
  if (nodes.length === 0) return { cpu: null, memory: null, detail: "there is no Ready node" };
  if (silent.length === nodes.length) return { cpu: null, memory: null, detail: "usage is known of no Ready node" };
  const share = (used: (node: NodeUsage) => number, allocatable: (node: NodeUsage) => number): number => {
    const total = nodes.reduce((sum, node) => sum + allocatable(node), 0);
    return total > 0 ? nodes.reduce((sum, node) => sum + used(node), 0) / total : 1;
  };
  const names = silent.map(({ name }) => name).join(", ");
  return {
    cpu: share(
      ({ cpuUsed, cpuAllocatable }) => cpuUsed ?? cpuAllocatable,
      ({ cpuAllocatable }) => cpuAllocatable,
    ),
    memory: share(
      ({ memoryUsed, memoryAllocatable }) => memoryUsed ?? memoryAllocatable,
      ({ memoryAllocatable }) => memoryAllocatable,
    ),
    detail: `${nodes.length} nodes${silent.length === 0 ? "" : `, counted as full: ${names}`}`,
  };
}

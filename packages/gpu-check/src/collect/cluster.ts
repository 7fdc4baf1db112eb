/** What a cluster knows of a map, beside what its pods see. */
export interface Cluster {
  /** Nodes by the logical name that the label `gpu-node-name` gives them. @throws Error where nobody tells */
  nodesByLabel(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /** UUIDs that the scheduler chose, by pod index; none where it tells none. @throws Error where nobody tells */
  chosen(signal: AbortSignal): Promise<ReadonlyMap<number, readonly string[]>>;
}

/** Each name is a node's own, and nobody tells what was chosen. */
export const noCluster: Cluster = {
  nodesByLabel: () => Promise.resolve(new Map()),
  chosen: () => Promise.resolve(new Map()),
};

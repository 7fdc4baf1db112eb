/** Nodes by the logical name that the label `gpu-node-name` gives them. */
export interface NodeNames {
  /** @throws Error where nobody tells */
  byLabel(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Each name is a node's own. */
export const ownNames: NodeNames = { byLabel: () => Promise.resolve(new Map()) };

import type { NodeState } from "./node.ts";
import type { PodState } from "./pod.ts";

/** Nodes and what runs on them, from memory. */
export interface NodesView {
  podsOn(node: string): readonly PodState[];
  node(name: string): NodeState | undefined;
}

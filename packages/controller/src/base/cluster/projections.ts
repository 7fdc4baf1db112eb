import { resources } from "@walras/kube";

import type { Projection } from "./cluster.ts";
import { type NamespaceState, type NodeState, toNamespaceState, toNodeState } from "./node.ts";
import { type PodState, toPodState } from "./pod.ts";

/** Pods by node, with what CPU decisions and agents need of them. */
export const podProjection: Projection<PodState> = {
  resource: resources.pod,
  transform: toPodState,
  groupOf: ({ node }) => (node === "" ? undefined : node),
};

export const nodeProjection: Projection<NodeState> = { resource: resources.node, transform: toNodeState };

export const namespaceProjection: Projection<NamespaceState> = {
  resource: resources.namespace,
  transform: toNamespaceState,
};

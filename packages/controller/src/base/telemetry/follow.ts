import type { Store } from "@walras/kube";

import type { NodeState } from "../cluster/node.ts";
import { containerIdsOf, type PodState } from "../cluster/pod.ts";
import type { AgentRegistry } from "./agents/registry.ts";
import type { Ledger } from "./ledger/ledger.ts";

/** Whom changes of the cluster concern here. */
export interface Followers {
  readonly pods: Store<PodState>;
  readonly nodes: Store<NodeState>;
  readonly agents: Pick<AgentRegistry, "refresh">;
  readonly ledger: Ledger;
}

/** Tells agents what to measure, and has the ledger forget what is gone. */
export function followCluster({ pods, nodes, agents, ledger }: Followers): void {
  pods.onChange((change) => {
    const { item } = change;
    if (change.type !== "updated" || change.previous.node !== item.node) {
      agents.refresh(item.node);
      return;
    }
    if (sameContainers(change.previous, item)) return;
    agents.refresh(item.node);
    ledger.retain(item.node, new Set(pods.group(item.node).flatMap((pod) => containerIdsOf(pod))));
  });
  nodes.onChange(({ type, item }) => {
    if (type === "added") agents.refresh(item.name);
    if (type === "deleted") ledger.forgetNode(item.name);
  });
}

function sameContainers(one: PodState, other: PodState): boolean {
  return containerIdsOf(one).join(" ") === containerIdsOf(other).join(" ");
}

import { type ClusterNode, type ClusterPod, reservedMilli } from "./node.ts";

/** Which of the nodes that have room: the scheduler's default, or what autoscaled clusters are often set to. */
export type Scoring = "least allocated" | "most allocated";

/** Places pods in their order where requests fit below allocatable. @returns those for whom no node has room */
export function place(
  pods: readonly ClusterPod[],
  nodes: readonly ClusterNode[],
  scoring: Scoring,
  atMs: number,
): ClusterPod[] {
  return pods.filter((pod) => {
    const node = best(reservedMilli(pod), nodes, scoring);
    node?.run(pod, atMs);
    return node === null;
  });
}

function best(milli: number, nodes: readonly ClusterNode[], scoring: Scoring): ClusterNode | null {
  let chosen: ClusterNode | null = null;
  let chosenScore = -Infinity;
  for (const node of nodes) {
    const free = node.freeMilli;
    const score = scoring === "least allocated" ? free : -free;
    if (free < milli || score <= chosenScore) continue;
    [chosen, chosenScore] = [node, score];
  }
  return chosen;
}

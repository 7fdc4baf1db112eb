import { countedRequestMilli } from "../../../base/cluster/counted.ts";
import { holdsResources } from "../../../base/cluster/pod.ts";
import { bidder } from "./bidder.ts";
import { isBidder, type ManagedPod } from "./managed.ts";
import { besideMarketMilli, type NodeSight, type Observation, type SeenNode } from "./node.ts";
import { isManaged } from "./view.ts";

/**
 * Sees those of a node's pods that have moved, and takes from the last time what the others come to: most of a node is not looked at.
 *
 * @param moved UIDs
 * @returns null where that is not enough, since somebody has come, gone, or changed sides
 */
export function observePart(before: SeenNode, moved: ReadonlySet<string>, sight: NodeSight): Observation | null {
  const { view, sights } = sight;
  const { node, cpuMilli, promisedMilli } = before.snapshot;
  const was = before.managed.filter(({ pod }) => moved.has(pod.uid));
  const pods = view.podsOn(node).filter((pod) => moved.has(pod.uid) && holdsResources(pod) && isManaged(pod, view));
  if (was.length !== moved.size || pods.length !== moved.size) return null;
  const managed = pods.map((pod) => sights.of(pod, sight, cpuMilli));
  if (!was.every(isBidder) || !managed.every(isBidder)) return null;
  return {
    ...before,
    snapshot: {
      ...before.snapshot,
      promisedMilli: promisedMilli + growth(was, managed, besideMarketMilli),
      pods: managed.map((one) => bidder(one, sight)),
    },
    managed,
    freeMilli: before.freeMilli - growth(was, managed, countedRequestMilli),
  };
}

function growth(
  was: readonly ManagedPod[],
  is: readonly ManagedPod[],
  milliOf: (pod: ManagedPod["pod"]) => number,
): number {
  const sum = (all: readonly ManagedPod[]): number => all.reduce((milli, { pod }) => milli + milliOf(pod), 0);
  return sum(is) - sum(was);
}

import { countedRequestMilli } from "../../../base/cluster/counted.ts";
import { holdsResources } from "../../../base/cluster/pod.ts";
import type { IntentStores } from "./stores.ts";

/** CPU that is free on each node, millicores; nothing on one that is not ready. */
export function freeMilliOf({ nodes, podsByNode }: Pick<IntentStores, "nodes" | "podsByNode">): Map<string, number> {
  return new Map(
    [...nodes.values()].map(({ name, ready, allocatableMilli }) => {
      const held = podsByNode
        .group(name)
        .filter(holdsResources)
        .reduce((sum, pod) => sum + countedRequestMilli(pod), 0);
      return [name, ready ? Math.max(0, allocatableMilli - held) : 0];
    }),
  );
}

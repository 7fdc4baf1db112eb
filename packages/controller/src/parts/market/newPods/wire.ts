import type { Repeating } from "@walras/kit";

import type { Base } from "../../../base/base.ts";
import { type Gate, gatedWrites } from "../../../base/access/gate.ts";
import type { ClusterScope } from "../../../base/cluster/cluster.ts";
import { verticalAtCreationProjection } from "../../../base/cluster/vertical.ts";
import { workloadKey } from "../../../base/cluster/workload.ts";
import type { Surroundings } from "../../../base/config/surroundings.ts";
import type { MarketCluster } from "../observe/view.ts";
import type { Remembering } from "../remember/wire.ts";
import { creationPort } from "./port.ts";
import { CreationPublisher } from "./publisher.ts";
import { type NewPodsView, wantedCreations } from "./wanted.ts";

const lookEveryMs = 30_000;

export interface NewPodsNeeds {
  readonly remembering: Remembering;
  readonly cluster: MarketCluster;
  readonly scope: ClusterScope;
  /** Whether the mode resizes requests; where not, nobody is sized. */
  readonly resizes: () => boolean;
  readonly gate: Gate;
}

/** Writes down what new pods are sized by. Before the start only: it follows autoscalers that act at creation as well. */
export function wireNewPods(
  { remembering, cluster, scope, resizes, gate }: NewPodsNeeds,
  { clock }: Surroundings,
  base: Base,
): Repeating {
  const verticals = scope.followIfServed(verticalAtCreationProjection);
  const view: NewPodsView = {
    isThere: (namespace) => cluster.namespace(namespace) !== undefined,
    limitRanges: (namespace) => cluster.limitRanges(namespace),
    autoscalersOf: (namespace, workload) => ({
      horizontal: cluster.autoscalersOf({ namespace, workload }).horizontal,
      vertical: verticals.group(workloadKey(namespace, workload)),
    }),
  };
  const { policy, workloads, memory, keeper } = remembering;
  const publisher = new CreationPublisher({
    port: creationPort(base.transport),
    writes: gatedWrites(base.writes, gate),
    wanted: () => {
      if (!resizes()) return new Map();
      return keeper.isRead()
        ? wantedCreations(workloads.values(), memory.recentMinutes(), view, { policy, clock })
        : null;
    },
    get memoryMs() {
      return policy.memoryMs;
    },
    mayAct: gate.mayAct,
    clock,
  });
  return base.repeating("sizes of new pods", lookEveryMs, (signal) => publisher.run(signal));
}

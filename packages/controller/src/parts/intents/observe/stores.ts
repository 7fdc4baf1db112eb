import type { Store } from "@walras/kube";

import type { ClusterScope } from "../../../base/cluster/cluster.ts";
import type { NodeState } from "../../../base/cluster/node.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { nodeProjection, podProjection } from "../../../base/cluster/projections.ts";
import { type VerticalState, verticalProjection } from "../../../base/cluster/vertical.ts";
import { type IntentObject, intentProjection } from "./objects/intent.ts";
import { type IntentPod, intentPodProjection } from "./objects/pod.ts";
import { type ProfileObject, profileProjection } from "./objects/profile.ts";
import { scaledObjectProjection, type Scaler, scalerProjection } from "./objects/scalers.ts";
import { deploymentProjection, replicaSetProjection, type TargetObject } from "./objects/target.ts";

/** The cluster as far as intents look at it. */
export interface IntentStores {
  readonly intents: Store<IntentObject>;
  readonly profiles: Store<ProfileObject>;
  readonly deployments: Store<TargetObject>;
  readonly replicaSets: Store<TargetObject>;
  /** By workload. */
  readonly pods: Store<IntentPod>;
  /** By node, with what they count for there. */
  readonly podsByNode: Store<PodState>;
  readonly nodes: Store<NodeState>;
  readonly scalers: Store<Scaler>;
  readonly scaledObjects: Store<Scaler>;
  readonly verticals: Store<VerticalState>;
}

/** KEDA and the VerticalPodAutoscaler need not be there. */
export function followForIntents(scope: Pick<ClusterScope, "follow" | "followIfServed">): IntentStores {
  return {
    intents: scope.follow(intentProjection),
    profiles: scope.follow(profileProjection),
    deployments: scope.follow(deploymentProjection),
    replicaSets: scope.follow(replicaSetProjection),
    pods: scope.follow(intentPodProjection),
    podsByNode: scope.follow(podProjection),
    nodes: scope.follow(nodeProjection),
    scalers: scope.follow(scalerProjection),
    scaledObjects: scope.followIfServed(scaledObjectProjection),
    verticals: scope.followIfServed(verticalProjection),
  };
}

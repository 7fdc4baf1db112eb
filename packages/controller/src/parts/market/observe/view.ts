import { podAllocationResource } from "@walras/api";
import type { Store } from "@walras/kube";

import type { ClusterScope, Projection } from "../../../base/cluster/cluster.ts";
import { horizontalProjection, type HorizontalState } from "../../../base/cluster/horizontal.ts";
import type { NamespaceState, NodeState } from "../../../base/cluster/node.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { namespaceProjection, nodeProjection, podProjection } from "../../../base/cluster/projections.ts";
import { verticalProjection, type VerticalState } from "../../../base/cluster/vertical.ts";
import type { NodesView } from "../../../base/cluster/view.ts";
import { workloadKey } from "../../../base/cluster/workload.ts";
import { type AllocationState, allocationName, toAllocationState } from "./allocation.ts";
import type { NamespaceBounds } from "./allowance.ts";
import type { Autoscalers } from "./autoscalers.ts";
import { type LimitRangeState, limitRangeProjection } from "./limitRange.ts";
import { type QuotaState, quotaProjection } from "./quota.ts";
import { type RuntimeClassState, runtimeClassProjection } from "./runtimeClass.ts";

/** What the market reads of the cluster; the stores behind it follow the API server. */
export interface ClusterView extends NodesView, NamespaceBounds {
  /** undefined: there is no such class, or none is known */
  runtimeHandler(runtimeClass: string): string | undefined;
  namespace(name: string): NamespaceState | undefined;
  allocationOf(pod: PodState): AllocationState | undefined;
  autoscalersOf(pod: PodState): Autoscalers;
}

/** Opted in by the pod's label, or by its namespace's unless the pod opts out. */
export function isManaged(pod: PodState, view: Pick<ClusterView, "namespace">): boolean {
  return labelOf(pod, view) === "true";
}

/** A pod's own label, else its namespace's. */
export function labelOf({ managed, namespace }: PodState, view: Pick<ClusterView, "namespace">): string | undefined {
  return managed ?? view.namespace(namespace)?.managed;
}

const allocationProjection: Projection<AllocationState> = {
  resource: podAllocationResource,
  transform: toAllocationState,
};

const none: Autoscalers = { horizontal: [], vertical: [] };

/** The market's stores. */
export class MarketCluster implements ClusterView {
  readonly pods: Store<PodState>;
  readonly nodes: Store<NodeState>;
  readonly #namespaces: Store<NamespaceState>;
  readonly allocations: Store<AllocationState>;
  readonly quotaStore: Store<QuotaState>;
  readonly #limitRanges: Store<LimitRangeState>;
  readonly #runtimeClasses: Store<RuntimeClassState>;
  readonly #horizontal: Store<HorizontalState>;
  readonly #vertical: Store<VerticalState>;

  constructor(cluster: ClusterScope) {
    this.nodes = cluster.follow(nodeProjection);
    this.#namespaces = cluster.follow(namespaceProjection);
    this.allocations = cluster.follow(allocationProjection);
    this.quotaStore = cluster.follow(quotaProjection);
    this.#limitRanges = cluster.follow(limitRangeProjection);
    // A class's name tells most of them as well.
    this.#runtimeClasses = cluster.followIfServed(runtimeClassProjection);
    this.#horizontal = cluster.followIfServed(horizontalProjection);
    this.#vertical = cluster.followIfServed(verticalProjection);
    this.pods = cluster.follow(podProjection);
  }

  /** Hears of what whole namespaces or clusters are decided by. What a quota leaves binds raises alone, which are no quiet matter. */
  onTermsChange(listener: () => void): void {
    const stores = [this.#namespaces, this.#limitRanges, this.#runtimeClasses];
    for (const store of [...stores, this.#horizontal, this.#vertical]) store.onChange(listener);
  }

  podsOn(node: string): readonly PodState[] {
    return this.pods.group(node);
  }

  node(name: string): NodeState | undefined {
    return this.nodes.named("", name);
  }

  namespace(name: string): NamespaceState | undefined {
    return this.#namespaces.named("", name);
  }

  allocationOf(pod: PodState): AllocationState | undefined {
    return this.allocations.named(pod.namespace, allocationName(pod));
  }

  limitRanges(namespace: string): readonly LimitRangeState[] {
    return this.#limitRanges.group(namespace);
  }

  quotas(namespace: string): readonly QuotaState[] {
    return this.quotaStore.group(namespace);
  }

  runtimeHandler(runtimeClass: string): string | undefined {
    return this.#runtimeClasses.named("", runtimeClass)?.handler;
  }

  autoscalersOf({ namespace, workload }: Pick<PodState, "namespace" | "workload">): Autoscalers {
    if (workload === null || this.#horizontal.size + this.#vertical.size === 0) return none;
    const key = workloadKey(namespace, workload);
    return { horizontal: this.#horizontal.group(key), vertical: this.#vertical.group(key) };
  }
}

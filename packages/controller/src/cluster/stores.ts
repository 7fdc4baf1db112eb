import type { Clock, Logger, Rng } from "@walras/kit";
import { podAllocationResource } from "@walras/api";
import {
  type KubeTransport,
  Reflector,
  type ReflectorObserver,
  type Resource,
  resources,
  Store,
  type StoreItem,
} from "@walras/kube";

import { type AllocationState, allocationName, toAllocationState } from "./allocation.ts";
import { type NamespaceState, type NodeState, toNamespaceState, toNodeState } from "./node.ts";
import { type PodState, toPodState } from "./pod.ts";
import type { ClusterView } from "./view.ts";

/** What reflectors need. */
export interface ClusterStoresOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

/** The cluster as far as decisions look at it, kept current by watches. */
export class ClusterStores implements ClusterView {
  readonly pods = new Store<PodState>((pod) => (pod.node === "" ? undefined : pod.node));
  readonly nodes = new Store<NodeState>();
  readonly namespaces = new Store<NamespaceState>();
  readonly allocations = new Store<AllocationState>();
  readonly reflectors: readonly Reflector<StoreItem>[];

  constructor(options: ClusterStoresOptions) {
    const reflect = <Item extends StoreItem>(
      resource: Resource,
      store: Store<Item>,
      transform: (raw: unknown) => Item,
    ): Reflector<StoreItem> =>
      new Reflector({ ...options, resource, store, transform }) as unknown as Reflector<StoreItem>;
    this.reflectors = [
      reflect(resources.node, this.nodes, toNodeState),
      reflect(resources.namespace, this.namespaces, toNamespaceState),
      reflect(podAllocationResource, this.allocations, toAllocationState),
      reflect(resources.pod, this.pods, toPodState),
    ];
  }

  /** Resources that have not been seen whole yet. */
  unsynced(): string[] {
    return this.reflectors.filter(({ isSynced }) => !isSynced).map(({ name }) => name);
  }

  podsOn(node: string): readonly PodState[] {
    return this.pods.group(node);
  }

  node(name: string): NodeState | undefined {
    return this.nodes.named("", name);
  }

  namespace(name: string): NamespaceState | undefined {
    return this.namespaces.named("", name);
  }

  allocationOf(pod: PodState): AllocationState | undefined {
    return this.allocations.named(pod.namespace, allocationName(pod));
  }
}

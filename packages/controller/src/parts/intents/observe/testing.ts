import { Store, type StoreItem } from "@walras/kube";

import type { Projection } from "../../../base/cluster/cluster.ts";
import { followForIntents, type IntentStores } from "./stores.ts";

type Raw = Readonly<Record<string, unknown>>;

/** What a test says of an object beside its name. */
export interface Given {
  readonly metadata?: Raw;
  readonly spec?: Raw;
  readonly status?: Raw;
}

/** A cluster of a test's making: objects as the API server has them, and the stores that they come to. */
export class GivenCluster {
  readonly stores: IntentStores;
  readonly #take = new Map<string, ((raw: unknown) => void)[]>();
  #made = 0;

  constructor() {
    const follow = <Item extends StoreItem>({ resource, groupOf, transform }: Projection<Item>): Store<Item> => {
      const store = new Store<Item>(groupOf);
      const takers = this.#take.get(resource.kind) ?? [];
      takers.push((raw) => {
        const item = transform(raw);
        if (item !== undefined) store.put(item);
      });
      this.#take.set(resource.kind, takers);
      return store;
    };
    this.stores = followForIntents({ follow, followIfServed: follow });
  }

  /** Makes an object, or changes it: its UID stays. */
  put(kind: string, key: string, { metadata = {}, ...given }: Given = {}): void {
    const [namespace = "", name = ""] = key.includes("/") ? key.split("/") : ["", key];
    const raw = { metadata: { uid: `${kind} ${key}`, namespace, name, generation: 1, ...metadata }, ...given };
    for (const take of this.#take.get(kind) ?? []) take(raw);
  }

  remove(key: string): void {
    this.stores.pods.remove(`Pod ${key}`);
    this.stores.podsByNode.remove(`Pod ${key}`);
  }

  /** A running, ready pod of a Deployment. */
  pod(key: string, deployment: string, { metadata = {}, spec = {}, status = {} }: Given = {}): void {
    this.#made += 1;
    const hash = "5d8f";
    this.put("Pod", key, {
      metadata: {
        labels: { "pod-template-hash": hash },
        ownerReferences: [{ kind: "ReplicaSet", name: `${deployment}-${hash}`, controller: true }],
        creationTimestamp: new Date(this.#made * 1_000).toISOString(),
        ...metadata,
      },
      spec: { nodeName: "n1", containers: [{ name: "app" }], ...spec },
      status: { phase: "Running", conditions: [condition(true, 0)], ...status },
    });
  }
}

/** The Ready condition since a moment. */
export function condition(ready: boolean, sinceMs: number): Raw {
  return { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: new Date(sinceMs).toISOString() };
}

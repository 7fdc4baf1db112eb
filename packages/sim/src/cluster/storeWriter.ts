import type { Clock, Rng } from "@walras/kit";

import { type JsonMap, type KubeObject, sameJson, type Store } from "../apiserver/index.ts";
import type { PodWriter } from "../node/kubeletPorts.ts";
import type { PodKey } from "../node/podView.ts";

/** Events that are kept; the oldest go first, as the real server's go after an hour. */
const mostEvents = 2000;

/** How kubelets write: straight into the store, without the cost of requests and without its faults. */
export class StoreWriter implements PodWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #events: PodKey[] = [];

  constructor({ store, clock, rng }: { store: Store; clock: Clock; rng: Rng }) {
    this.#store = store;
    this.#clock = clock;
    this.#rng = rng;
  }

  writeStatus(pod: PodKey, change: (stored: KubeObject) => JsonMap): void {
    const stored = this.#stored(pod);
    if (!stored) return;
    const status = change(stored);
    if (!sameJson(status, stored.status)) this.#store.put("pods", { ...stored, status });
  }

  remove(pod: PodKey): void {
    const stored = this.#stored(pod);
    if (!stored) return;
    if ((stored.metadata.finalizers ?? []).length === 0) {
      this.#store.remove("pods", pod.namespace, pod.name);
      return;
    }
    this.#store.put("pods", { ...stored, metadata: { ...stored.metadata, deletionGracePeriodSeconds: 0 } });
  }

  tell({ namespace, name, uid }: PodKey, event: { type: string; reason: string; message: string }): void {
    const time = `${new Date(this.#clock.wallMs()).toISOString().slice(0, 19)}Z`;
    const id = `${name}.${Math.floor(this.#rng() * 2 ** 48).toString(16)}`;
    this.#store.put("events", {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: id, namespace, uid: id, creationTimestamp: time },
      involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
      ...event,
      source: { component: "kubelet" },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    });
    this.#forget({ namespace, name: id, uid: id });
  }

  #forget(newest: PodKey): void {
    this.#events.push(newest);
    if (this.#events.length <= mostEvents) return;
    const oldest = this.#events.shift();
    if (oldest) this.#store.remove("events", oldest.namespace, oldest.name);
  }

  #stored({ namespace, name, uid }: PodKey): KubeObject | undefined {
    const stored = this.#store.get("pods", namespace, name);
    return stored?.metadata.uid === uid ? stored : undefined;
  }
}

import type { Clock, Logger, Rng } from "@walras/kit";
import {
  type KubeTransport,
  Reflector,
  type ReflectorObserver,
  type Resource,
  resources,
  Store,
  type StoreItem,
} from "@walras/kube";

import type { SlotView } from "../slots/ledger.ts";
import { type BatchJob, type BatchPod, type Queue, toBatchJob, toBatchPod } from "./job.ts";
import { type BatchNode, toBatchNode } from "./node.ts";
import { scaledJobResource, type ScaledJobState, toScaledJob } from "./scaledJob.ts";

export interface BatchStoresOptions {
  readonly transport: KubeTransport;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

/** Nothing heard for longer than this, bookmarks included: what is known may be old. */
const currentMs = 100_000;
/** The Job controller labels each pod of a Job. */
const podsOfJobs = "batch.kubernetes.io/job-name";

/** Nodes, Jobs and their pods as far as slots are concerned, kept current by watches. */
export class BatchStores implements SlotView {
  readonly nodeStore = new Store<BatchNode>();
  readonly jobStore = new Store<BatchJob>(({ owner }) => owner);
  readonly podStore = new Store<BatchPod>(({ node }) => (node === "" ? undefined : node));
  readonly scaledJobs = new Store<ScaledJobState>();
  /** Without KEDA there are no ScaledJobs, and that is no fault. */
  readonly reflectors: readonly Reflector<StoreItem>[];
  readonly #needed: readonly Reflector<StoreItem>[];
  readonly #clock: Clock;
  readonly #ours = new Set<string>();

  constructor(options: BatchStoresOptions) {
    const { queue } = options;
    this.#clock = options.clock;
    const reflect = <Item extends StoreItem>(
      resource: Resource,
      store: Store<Item>,
      read: { readonly transform: (raw: unknown) => Item | undefined; readonly labelSelector?: string },
    ): Reflector<StoreItem> =>
      new Reflector({ ...options, resource, store, ...read }) as unknown as Reflector<StoreItem>;
    this.#needed = [
      reflect(resources.node, this.nodeStore, { transform: toBatchNode }),
      reflect(resources.job, this.jobStore, { transform: (raw) => toBatchJob(raw, queue) }),
      reflect(resources.pod, this.podStore, { transform: toBatchPod, labelSelector: podsOfJobs }),
    ];
    this.#remember();
    this.reflectors = [...this.#needed, reflect(scaledJobResource, this.scaledJobs, { transform: toScaledJob })];
  }

  stale(): readonly string[] {
    const nowMs = this.#clock.monotonicMs();
    return this.#needed
      .filter(({ isSynced, heardAtMs }) => !isSynced || nowMs - heardAtMs > currentMs)
      .map(({ name }) => name);
  }

  nodes(): Iterable<BatchNode> {
    return this.nodeStore.values();
  }

  jobs(): Iterable<BatchJob> {
    return this.jobStore.values();
  }

  /** Pods of these Jobs, also while they end after their Job was deleted. */
  *pods(): Iterable<BatchPod> {
    for (const pod of this.podStore.values()) if (this.#ours.has(pod.jobUid)) yield pod;
  }

  #remember(): void {
    this.jobStore.onChange(({ item }) => this.#ours.add(item.uid));
    this.podStore.onChange(({ type, item }) => {
      if (type === "deleted" && !this.jobStore.get(item.jobUid)) this.#ours.delete(item.jobUid);
    });
  }
}

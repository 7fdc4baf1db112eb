import { resources, type Store } from "@walras/kube";

import type { ClusterScope } from "../../../../base/cluster/cluster.ts";
import type { SlotView } from "../../slots/ports.ts";
import { type BatchJob, type BatchPod, type Queue, toBatchJob, toBatchPod } from "./job.ts";
import { type BatchNode, toBatchNode } from "./node.ts";
import { scaledJobResource, type ScaledJobState, toScaledJob } from "./scaledJob.ts";

/** The Job controller labels each pod of a Job. */
const podsOfJobs = "batch.kubernetes.io/job-name";

/** Nodes, Jobs and their pods as far as slots are concerned. */
export class BatchStores implements SlotView {
  readonly nodeStore: Store<BatchNode>;
  readonly jobStore: Store<BatchJob>;
  readonly podStore: Store<BatchPod>;
  /** Without KEDA there are no ScaledJobs, and that is no fault. */
  readonly scaledJobs: Store<ScaledJobState>;
  readonly #scope: ClusterScope;
  readonly #ours = new Set<string>();

  constructor(scope: ClusterScope, queue: Queue) {
    this.#scope = scope;
    this.nodeStore = scope.follow({ resource: resources.node, transform: toBatchNode });
    this.jobStore = scope.follow({
      resource: resources.job,
      transform: (raw) => toBatchJob(raw, queue),
      groupOf: ({ owner }) => owner,
    });
    this.podStore = scope.follow({
      resource: resources.pod,
      transform: toBatchPod,
      groupOf: ({ node }) => (node === "" ? undefined : node),
      labelSelector: podsOfJobs,
    });
    this.scaledJobs = scope.followIfServed({ resource: scaledJobResource, transform: toScaledJob });
    this.#remember();
  }

  stale(): readonly string[] {
    return this.#scope.troubles();
  }

  nodes(): Iterable<BatchNode> {
    return this.nodeStore.values();
  }

  /** Those that take slots, or would: a ScaledJob's that asks no external scaler are no matter of ours. */
  *jobs(): Iterable<BatchJob> {
    for (const job of this.jobStore.values()) {
      const scaledJob = job.queued ? undefined : this.scaledJobOf(job.owner);
      if (job.ours && scaledJob?.external !== false) yield job;
    }
  }

  /** @param owner "namespace/name" */
  scaledJobOf(owner: string): ScaledJobState | undefined {
    const at = owner.indexOf("/");
    return this.scaledJobs.named(owner.slice(0, at), owner.slice(at + 1));
  }

  madeOf(owner: string): string | undefined {
    const scaledJob = this.scaledJobOf(owner);
    return scaledJob && `${scaledJob.uid} ${scaledJob.generation}`;
  }

  /**
   * Pods that we may evict: those of Jobs that are still there and of our
   * queue, or of a ScaledJob that asks us.
   *
   * @param asks whether a ScaledJob does, by "namespace/name"
   */
  *evictable(asks: (owner: string) => boolean): Iterable<BatchPod> {
    for (const pod of this.podStore.values()) {
      const job = this.jobStore.get(pod.jobUid);
      if (job?.ours && !job.managedElsewhere && (job.queued || asks(job.owner))) yield pod;
    }
  }

  /** Pods of these Jobs, also while they end after their Job was deleted. */
  *pods(): Iterable<BatchPod> {
    for (const pod of this.podStore.values()) {
      const job = this.jobStore.get(pod.jobUid);
      const scaledJob = job && !job.queued ? this.scaledJobOf(job.owner) : undefined;
      if (this.#ours.has(pod.jobUid) && scaledJob?.external !== false) yield pod;
    }
  }

  #remember(): void {
    this.jobStore.onChange(({ type, item }) => {
      if (item.ours && type !== "deleted") this.#ours.add(item.uid);
    });
    this.podStore.onChange(({ type, item }) => {
      if (type === "deleted" && !this.jobStore.get(item.jobUid)) this.#ours.delete(item.jobUid);
    });
  }
}

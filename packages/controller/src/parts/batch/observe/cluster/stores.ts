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

  jobs(): Iterable<BatchJob> {
    return this.jobStore.values();
  }

  /** @param owner "namespace/name" */
  scaledJobOf(owner: string): ScaledJobState | undefined {
    const [namespace = "", name = ""] = owner.split("/");
    return this.scaledJobs.named(namespace, name);
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

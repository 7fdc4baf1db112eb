import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import { Cluster } from "../../../../base/cluster/cluster.ts";
import { takesSlot } from "../../decide/job.ts";
import { toBatchJob, toBatchPod } from "./job.ts";
import { toScaledJob } from "./scaledJob.ts";
import { BatchStores } from "./stores.ts";

const queue = { labelKey: "app", labelValue: "posture-queued" };
const queued = { app: "posture-queued" };
const observer = {
  restarted: () => undefined,
  unreadable: () => undefined,
  diverged: () => undefined,
  counted: () => undefined,
};

interface Given {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly managedBy?: string;
  readonly owner?: { readonly apiVersion: string; readonly kind: string };
  readonly suspend?: boolean;
}

let stores: BatchStores;

beforeEach(() => {
  const cluster = new Cluster({
    transport: {} as KubeTransport,
    clock: new VirtualClock(),
    rng: seededRng(1),
    logger: silentLogger,
    observer,
  });
  stores = new BatchStores(cluster.scope(), queue);
});

function raw({ labels = {}, annotations = {}, managedBy, owner, suspend = true }: Given): unknown {
  const ownerReferences = owner ? [{ ...owner, name: "o", uid: "o", controller: true }] : [];
  return {
    metadata: { uid: "job", namespace: "posture", name: "job", labels, annotations, ownerReferences },
    spec: { suspend, ...(managedBy !== undefined && { managedBy }) },
  };
}

/** As the watch does: what the projection does not take is no longer there. */
function seeJob(given: Given): void {
  const job = toBatchJob(raw(given), queue);
  if (job) stores.jobStore.put(job);
  else stores.jobStore.remove("job");
}

function seePod(): void {
  const owner = { apiVersion: "batch/v1", kind: "Job", name: "job", uid: "job", controller: true };
  const metadata = { uid: "pod", namespace: "posture", name: "pod", ownerReferences: [owner] };
  stores.podStore.put(toBatchPod({ metadata, spec: { nodeName: "n1" }, status: { phase: "Running" } })!);
}

function seeScaledJob(type: string): void {
  const spec = { triggers: [{ type, metadata: {} }] };
  stores.scaledJobs.put(toScaledJob({ metadata: { uid: "web", namespace: "posture", name: "web" }, spec }));
}

const counts = (): readonly [jobs: number, pods: number, evictable: number] => [
  [...stores.jobs()].filter(takesSlot).length,
  [...stores.pods()].length,
  [...stores.evictable(() => true)].length,
];

const fromKeda = { labels: { "scaledjob.keda.sh/name": "web" } };

describe("B8: a Job is ours only when it says so", () => {
  it.each<[string, Given]>([
    ["Kueue's by its label", { labels: { ...queued, "kueue.x-k8s.io/queue-name": "team" } }],
    ["Kueue's by its annotation", { labels: queued, annotations: { "kueue.x-k8s.io/queue-name": "team" } }],
    ["Kueue's by what it has written", { labels: { ...queued, "kueue.x-k8s.io/managed": "true" } }],
    ["another controller's by spec.managedBy", { labels: queued, managedBy: "kueue.x-k8s.io/multikueue" }],
    ["a JobSet's", { labels: queued, owner: { apiVersion: "jobset.x-k8s.io/v1alpha2", kind: "JobSet" } }],
    ["nobody's", {}],
  ])("%s is never released, takes no slot and is never evicted", (_, given) => {
    const job = toBatchJob(raw(given), queue);
    expect(job).toMatchObject({ queued: false, ours: false, owner: "posture/(suspended)" });
    seeJob(given);
    seeJob({ ...given, suspend: false });
    seePod();
    expect(counts()).toEqual([0, 0, 0]);
  });

  it.each<[string, Given]>([
    ["of the queue", { labels: queued }],
    ["of the queue, and the Job controller's own", { labels: queued, managedBy: "kubernetes.io/job-controller" }],
    ["of the queue, made by a CronJob", { labels: queued, owner: { apiVersion: "batch/v1", kind: "CronJob" } }],
  ])("one %s is", (_, given) => {
    expect(toBatchJob(raw(given), queue)).toMatchObject({ queued: true, ours: true });
    seeJob({ ...given, suspend: false });
    seePod();
    expect(counts()).toEqual([1, 1, 1]);
  });

  it("is no longer once Kueue has it: its pod stays, and is not evicted", () => {
    seeJob({ labels: queued, suspend: false });
    seePod();
    seeJob({ labels: { ...queued, "kueue.x-k8s.io/queue-name": "team" }, suspend: false });
    expect(counts()).toEqual([0, 1, 0]);
  });

  it("a ScaledJob's is, until it is known to ask no external scaler", () => {
    seeJob({ ...fromKeda, suspend: false });
    seePod();
    expect(counts()).toEqual([1, 1, 1]);
    seeScaledJob("external");
    expect(counts()).toEqual([1, 1, 1]);
    seeScaledJob("rabbitmq");
    expect(counts()[0]).toBe(0);
    expect([...stores.pods()]).toEqual([]);
  });

  it("a ScaledJob's pod is evicted only where that has asked this scaler, and no other manager has the Job", () => {
    seeScaledJob("external");
    seeJob({ ...fromKeda, suspend: false });
    seePod();
    expect([[...stores.evictable(() => false)].length, [...stores.evictable(() => true)].length]).toEqual([0, 1]);
    seeJob({ labels: { ...fromKeda.labels, "kueue.x-k8s.io/queue-name": "team" }, suspend: false });
    expect([...stores.evictable(() => true)]).toEqual([]);
  });

  it("a pod of a Job that was deleted is not evicted: it ends anyway", () => {
    seeJob({ labels: queued, suspend: false });
    seePod();
    stores.jobStore.remove("job");
    expect(counts()).toEqual([0, 1, 0]);
  });
});

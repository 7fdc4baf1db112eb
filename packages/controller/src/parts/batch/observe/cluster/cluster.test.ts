import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { toBatchJob, toBatchPod } from "./job.ts";
import { toBatchNode } from "./node.ts";
import { toScaledJob } from "./scaledJob.ts";
import { Cluster } from "../../../../base/cluster/cluster.ts";
import { BatchStores } from "./stores.ts";

const queue = { labelKey: "app", labelValue: "posture-queued" };

function job(given: {
  name?: string;
  labels?: Record<string, string>;
  suspend?: boolean;
  condition?: string;
  ownerUid?: string;
}): unknown {
  const { name = "a", labels = {}, suspend = false, condition, ownerUid } = given;
  const ownerReferences = ownerUid === undefined ? [] : [{ uid: ownerUid, controller: true }];
  return {
    metadata: {
      uid: `uid-${name}`,
      namespace: "posture",
      name,
      labels,
      ownerReferences,
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: { suspend },
    status: condition ? { conditions: [{ type: condition, status: "True" }] } : {},
  };
}

describe("a Job", () => {
  it("is KEDA's, the queue's, somebody's demand, or no matter of ours", () => {
    expect(toBatchJob(job({ labels: { "scaledjob.keda.sh/name": "web" } }), queue)).toMatchObject({
      owner: "posture/web",
      queued: false,
      suspended: false,
    });
    expect(toBatchJob(job({ labels: { app: "posture-queued" }, suspend: true }), queue)).toMatchObject({
      owner: "posture/app=posture-queued",
      queued: true,
      suspended: true,
    });
    const both = { "scaledjob.keda.sh/name": "web", app: "posture-queued" };
    expect(toBatchJob(job({ labels: both, suspend: true }), queue)).toMatchObject({
      owner: "posture/web",
      queued: false,
    });
    expect(toBatchJob(job({ labels: { app: "wanted" }, suspend: true }), queue)).toMatchObject({
      owner: "posture/(suspended)",
      queued: false,
      labels: { app: "wanted" },
    });
    expect(toBatchJob(job({ labels: { app: "wanted" } }), queue)).toBeUndefined();
  });

  it("is finished when it is complete or failed", () => {
    const labels = { app: "posture-queued" };
    expect(
      ["Complete", "Failed", "Suspended", undefined].map(
        (condition) => toBatchJob(job({ labels, ...(condition ? { condition } : {}) }), queue)?.finished,
      ),
    ).toEqual([true, true, false, false]);
  });
});

describe("a node, a pod and a ScaledJob", () => {
  it("are trimmed to what decides", () => {
    const node = toBatchNode({
      metadata: { uid: "n", name: "orin", labels: { "posture/eligible": "true", "kubernetes.io/hostname": "orin" } },
      spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        addresses: [{ type: "InternalIP", address: "10.0.0.7" }],
      },
    });
    expect(node).toMatchObject({
      name: "orin",
      labels: { "posture/eligible": "true" },
      ready: true,
      unschedulable: false,
      addresses: ["10.0.0.7"],
    });
    expect(node.taints).toEqual([{ key: "gpu", value: "", effect: "NoSchedule" }]);
    const owner = { kind: "Job", controller: true, uid: "uid-a", name: "a", apiVersion: "batch/v1" };
    expect(
      toBatchPod({
        metadata: { uid: "p", name: "a-1", ownerReferences: [owner] },
        spec: { nodeName: "orin" },
        status: { phase: "Running" },
      }),
    ).toMatchObject({ jobUid: "uid-a", node: "orin", ended: false });
    expect(toBatchPod({ metadata: { uid: "p", name: "web-1" } })).toBeUndefined();
    expect(toScaledJob({ metadata: { name: "web" }, spec: { maxReplicaCount: 3 } }).scaling.maxReplicas).toBe(3);
    expect(toScaledJob({ metadata: { name: "web" } }).scaling.maxReplicas).toBe(100);
    expect(() =>
      toScaledJob({ metadata: { namespace: "posture", name: "web" }, spec: { maxReplicaCount: "many" } }),
    ).toThrow('scaledjob posture/web.spec.maxReplicaCount: "many" is not a count');
  });
});

describe("the stores", () => {
  it("keep a pod as an occupant while it ends after its Job was deleted", () => {
    const cluster = new Cluster({
      transport: {} as KubeTransport,
      clock: new VirtualClock(),
      rng: seededRng(1),
      logger: silentLogger,
      observer: {
        restarted: () => undefined,
        unreadable: () => undefined,
        diverged: () => undefined,
        counted: () => undefined,
      },
    });
    const stores = new BatchStores(cluster.scope(), queue);
    expect(stores.stale()).toEqual(["nodes", "jobs", "pods", "scaledjobs"].map((kind) => `${kind}: not listed yet`));
    stores.jobStore.put(toBatchJob(job({ labels: { app: "posture-queued" } }), queue)!);
    const owner = { kind: "Job", controller: true, uid: "uid-a", name: "a", apiVersion: "batch/v1" };
    const pod = (uid: string, jobUid: string): void =>
      stores.podStore.put(
        toBatchPod({
          metadata: { uid, namespace: "posture", name: uid, ownerReferences: [{ ...owner, uid: jobUid }] },
          spec: { nodeName: "orin" },
        })!,
      );
    pod("ours", "uid-a");
    pod("theirs", "uid-cron");
    stores.jobStore.remove("uid-a");
    expect([...stores.pods()].map(({ name }) => name)).toEqual(["ours"]);
    stores.podStore.remove("ours");
    expect([...stores.pods()]).toEqual([]);
  });
});

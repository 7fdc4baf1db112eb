import { describe, expect, it } from "vitest";

import { workloadOf } from "./workload.ts";

const due = "2026-03-01T10:00:00Z";
const minutes = Date.parse(due) / 60_000;

function owned(kind: string, name: string, labels: Record<string, string> = {}, created = due): object {
  const ownerReferences = [{ apiVersion: "any/v1", kind, name, uid: "u", controller: true }];
  return { metadata: { labels, ownerReferences, creationTimestamp: created } };
}

describe("the workload of a pod", () => {
  it.each([
    [owned("ReplicaSet", "cart-7d9f", { "pod-template-hash": "7d9f" }), "Deployment", "cart"],
    [owned("ReplicaSet", "cart-7d9f", { "rollouts-pod-template-hash": "7d9f" }), "Rollout", "cart"],
    [owned("ReplicaSet", "bare"), "ReplicaSet", "bare"],
    [owned("ReplicaSet", "other-1", { "pod-template-hash": "2" }), "ReplicaSet", "other-1"],
    [owned("StatefulSet", "db"), "StatefulSet", "db"],
    [owned("DaemonSet", "logs"), "DaemonSet", "logs"],
    [owned("Job", "import"), "Job", "import"],
    [owned("Job", `nightly-${minutes}`, {}, "2026-03-01T10:00:07Z"), "CronJob", "nightly"],
    [owned("Job", "report-20260301"), "Job", "report-20260301"],
  ])("of %j is %s %s", (pod, kind, name) => {
    expect(workloadOf(pod)).toEqual({ kind, name });
  });

  it("is none where nothing controls it", () => {
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n1", uid: "u" }];
    expect([workloadOf({}), workloadOf({ metadata: { ownerReferences } })]).toEqual([null, null]);
  });
});

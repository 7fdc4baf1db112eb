import { beforeEach, describe, expect, it } from "vitest";

import { applied, marketCluster, plain, type TestCluster } from "../testing.ts";
import { planOf } from "./plan.ts";
import { printPlan } from "./print.ts";

let cluster: TestCluster;
const recommended = { ...applied, phase: "Pending", reason: "Recommended" } as const;

beforeEach(async () => {
  cluster = await marketCluster();
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-abc", uid: "u", controller: true };
  const labels = { "pod-template-hash": "abc" };
  await cluster.managed(
    { name: "web", labels, ownerReferences: [owner] },
    { desiredCPURequest: "30m" },
    { ...recommended, appliedCPURequest: "200m" },
  );
  await cluster.managed({ name: "hog" }, { desiredCPURequest: "150m", desiredCPULimit: "2" }, recommended);
  await cluster.managed({ name: "same" }, { desiredCPURequest: "100m" }, recommended);
  await cluster.managed({ name: "held" }, { desiredCPURequest: "400m" }, { ...recommended, binding: "Held" });
  await cluster.pod({ namespace: "other", name: "aside" });
  await cluster.profile({ kind: "Deployment", name: "web" }, { habitCPURequest: "28m", trustPercent: 80 });
});

describe("walras plan", () => {
  it("proposes what the market would ask for, the largest change first, with the habit it comes from", async () => {
    const plan = await planOf(cluster, {});
    expect(plan.pods.map(({ pod, changeMilli }) => [pod, changeMilli])).toEqual([
      ["web", -170],
      ["hog", 50],
      ["same", 0],
      ["held", null],
    ]);
    expect(plan.pods[0]).toMatchObject({
      now: { requestMilli: 200 },
      proposed: { requestMilli: 30 },
      habitMilli: 28,
      trustPercent: 80,
      reason: "Recommended",
    });
    expect(plan.sum).toEqual({ pods: 3, nowMilli: 400, proposedMilli: 280, unknown: 1, notOnMarket: 1 });
  });

  it("is printed with those that change, and says what is not in it", async () => {
    const text = printPlan(await planOf(cluster, {}), false, plain);
    expect(text.match(/^shop /gm)).toHaveLength(3);
    expect(text).toMatch(/^shop +held .*not known/m);
    expect(text.split("\n").slice(-5)).toEqual([
      "requests of 3 pods: 0.40 cores now, 0.28 proposed",
      "1 stay as they are: --all shows them",
      "1 are not known well enough to propose anything",
      "1 pods are not on the market and not in this",
      "",
    ]);
    expect(printPlan(await planOf(cluster, {}), true, plain).match(/^shop /gm)).toHaveLength(4);
  });
});

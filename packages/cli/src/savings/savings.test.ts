import { beforeEach, describe, expect, it } from "vitest";

import { applied, marketCluster, plain, TestCluster } from "../testing.ts";
import { printSavings } from "./print.ts";
import { savingsOf } from "./savings.ts";

let cluster: TestCluster;

function declared(request: string, desired: string): object {
  return {
    containers: [{ name: "app", declaredCPURequest: request, desiredCPURequest: desired }],
    desiredCPURequest: desired,
  };
}

beforeEach(async () => {
  cluster = await marketCluster();
  const ownerReferences = [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "u", controller: true }];
  await cluster.managed({ name: "db-0", ownerReferences }, declared("2", "500m"), {
    ...applied,
    appliedCPURequest: "1500m",
  });
  await cluster.managed({ name: "web" }, declared("400m", "100m"), { ...applied, appliedCPURequest: "400m" });
  await cluster.managed({ name: "held" }, declared("1", "1"), { ...applied, binding: "Held" });
  await cluster.pod({ namespace: "other", name: "aside", request: "250m" });
  await cluster.profile({ kind: "StatefulSet", name: "db" }, { habitCPURequest: "500m", trustPercent: 90 });
});

describe("walras savings", () => {
  it("tells what known habits give back, and all that is proposed", async () => {
    const { namespaces, sum } = await savingsOf(cluster, { price: 0.04 });
    expect(namespaces.map(({ namespace }) => namespace)).toEqual(["shop", "other"]);
    expect(namespaces[0]).toMatchObject({
      pods: 2,
      declaredMilli: 2400,
      askedMilli: 1900,
      recommendedMilli: 600,
      savedMilli: 500,
      habitMilli: 1500,
      allMilli: 1800,
      savedMoney: 14.61,
      habitMoney: 43.83,
      allMoney: 52.6,
      unknownPods: 1,
    });
    expect(namespaces[1]).toMatchObject({ pods: 0, allMilli: 0, otherPods: 1, otherMilli: 250 });
    expect(sum).toMatchObject({ pods: 2, allMilli: 1800, otherPods: 1 });
  });

  it("says what it does not know", async () => {
    const text = printSavings(await savingsOf(cluster, { price: 0.04 }), plain);
    expect(text).toContain("cores; a month of money at 0.04 a core-hour and 730.5 hours");
    expect(text).toContain("1 pods on the market of which there is no telemetry: they count in nothing");
    expect(text).toContain("what 1 pods need that are not on the market");
    expect(text).toMatch(/^all +2 /m);
  });

  it("tells nothing by habit where no habits can be read", async () => {
    const bare = new TestCluster();
    const { podAllocationCrd } = await import("@walras/api");
    await bare.crd(podAllocationCrd());
    await bare.namespace("shop");
    await bare.managed({ name: "web" }, declared("400m", "100m"), applied);
    const { sum, notKnown } = await savingsOf(bare, { price: 1, namespace: "shop" });
    expect([sum.habitMilli, sum.habitMoney, sum.allMilli]).toEqual([null, null, 300]);
    expect(notKnown.join()).toContain("so that nothing is told by habit");
  });
});

import { podAllocationCrd } from "@walras/api";
import { beforeEach, describe, expect, it } from "vitest";

import type { Finding } from "./check.ts";
import { examineCluster } from "./examine.ts";
import { Clinic } from "./testing.ts";

let clinic: Clinic;

beforeEach(() => {
  clinic = new Clinic();
});

const examined = (): Promise<Finding[]> =>
  examineCluster(clinic, { parts: ["market"], namespace: "walras-system", leaving: true });

describe("a market that is to leave", () => {
  it("may, where its kind is not there, or nothing is written in it", async () => {
    const fine = { check: "given back", verdict: "ok", detail: "no pod has another size than it declared" };
    expect(await examined()).toEqual([fine]);
    await clinic.create("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", podAllocationCrd());
    expect(await examined()).toEqual([fine]);
  });

  it("may not while pods are on it, of which some are named", async () => {
    await clinic.create("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", podAllocationCrd());
    await clinic.create("/api/v1", "namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    for (const name of ["a", "b", "c", "d"])
      await clinic.create("/apis/allocation.mbcas.io/v1alpha1/namespaces/shop", "podallocations", {
        apiVersion: "allocation.mbcas.io/v1alpha1",
        kind: "PodAllocation",
        metadata: { name: `shop-${name}` },
        spec: { namespace: "shop", podName: name, desiredCPURequest: "100m", desiredCPULimit: "200m" },
      });
    expect(await examined()).toEqual([
      {
        check: "given back",
        verdict: "fail",
        detail:
          "shop/shop-a, shop/shop-b, shop/shop-c and 1 more are still on the market: set the mode to off, and wait until there are no PodAllocations",
      },
    ]);
  });

  it("may not where that cannot be read", async () => {
    clinic.forbids = (path) => path.includes("podallocations");
    expect(await examined()).toMatchObject([{ check: "given back", verdict: "fail" }]);
  });
});

import { systemClock } from "@walras/kit";
import { ApiServer } from "@walras/sim/apiserver";
import { beforeEach, expect, it } from "vitest";

import { Invariants } from "./invariants.ts";

let api: ApiServer;
let invariants: Invariants;

const cpu = (request: string): object => ({ resources: { requests: { cpu: request }, limits: { cpu: "500m" } } });

function put(name: string, request: string, status: object = {}, owner?: string): void {
  const ownerReferences =
    owner === undefined ? {} : { ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: owner, uid: owner }] };
  api.store.put("pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: `uid-${name}`, ...ownerReferences },
    spec: { nodeName: "a", containers: [{ name: "app", ...cpu(request) }] },
    status: { qosClass: "Burstable", ...status },
  });
}

function job(suspend: boolean): void {
  const metadata = { name: "j", namespace: "default", uid: "uid-j" };
  api.store.put("jobs.batch", { apiVersion: "batch/v1", kind: "Job", metadata, spec: { suspend } });
}

beforeEach(() => {
  api = new ApiServer({ clock: systemClock });
  const status = { allocatable: { cpu: "1" } };
  api.store.put("nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "a", uid: "n" }, status });
  invariants = new Invariants(api);
});

it("finds nothing where nothing is wrong", () => {
  put("one", "400m");
  put("two", "600m");
  put("one", "300m");
  job(true);
  job(false);
  expect([...invariants.violations]).toEqual([]);
  expect(invariants.releases.get("default/j")).toBe(1);
});

it("finds a node that is sold twice, also while only the kubelet knows", () => {
  put("one", "400m");
  put("two", "700m");
  put("two", "100m", { containerStatuses: [{ name: "app", allocatedResources: { cpu: "650m" } }] });
  expect([...invariants.violations]).toEqual([
    "1: requests on a are 1100m of 1000m",
    "1: requests on a are 1050m of 1000m",
  ]);
});

it("finds restarts, changed classes, lost declarations, jobs on one node and jobs released twice", () => {
  put("one", "100m");
  put("one", "100m", { qosClass: "Guaranteed" });
  put("one", "100m", { qosClass: "Guaranteed", containerStatuses: [{ name: "app", restartCount: 1 }] });
  const containers = [{ name: "app", declaredCPURequest: "50m", declaredCPULimit: "500m" }];
  api.store.put("podallocations.allocation.mbcas.io", {
    apiVersion: "allocation.mbcas.io/v1alpha1",
    kind: "PodAllocation",
    metadata: { name: "default-one", namespace: "default", uid: "r" },
    spec: { podUID: "uid-one", containers },
  });
  put("first", "10m", { phase: "Running" }, "j1");
  put("second", "10m", { phase: "Running" }, "j2");
  for (const suspend of [true, false, true, false]) job(suspend);
  expect([...invariants.violations].map((text) => text.slice(0, 2))).toEqual(["3:", "2:", "5:", "11", "11"]);
});

import { beforeEach, describe, expect, it } from "vitest";

import { uuidOf } from "../observe/testing.ts";
import { Bed } from "./bed.ts";

let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  await bed.begin({
    a: { gpus: 4, logical: "node1" },
    b: { gpus: 4, logical: "node2" },
    c: { gpus: 4, logical: "node3" },
  });
});

const threeEntries = ["0=node1:0,1", "1=node2:2", "2=node3:0,1,2"];
const threePlaces = ["a 0,1", "b 2", "c 0,1,2"];
const threePods = ["check-0", "check-1", "check-2"] as const;

describe("a scheduling map", () => {
  it("puts each pod on exactly its node and GPUs, by object and by annotation", async () => {
    await bed.map("check", threeEntries);
    await bed.set("check", 3);
    await bed.set("other", 2, { annotations: { "gpu-scheduling-map": "0=node1:3\n1=node2:3" } });
    await bed.controller();
    expect(bed.places(...threePods, "other-0", "other-1")).toEqual([...threePlaces, "a 3", "b 3"]);
    expect(bed.get("check-0")?.metadata.annotations).toMatchObject({ "gpu.walras.io/enforced-by": "env" });
    expect(bed.events("check-0")).toEqual(["Scheduled"]);
    expect([bed.conditions("check"), bed.status("check").placed]).toEqual([
      ["Valid=True Checked", "Placed=True AllPlaced"],
      "3/3",
    ]);
  });

  it.each([
    ["a node that there is not", "UnknownNode", ["0=node1:0", "1=node9:0"], 'nodeName: "node9" is not a node'],
    ["a GPU that there is not", "UnknownGpu", ["0=node1:0", "1=node2:4"], "gpuDevices: 4 is not a GPU of b"],
    ["a GPU twice", "DoubleBooking", ["0=node1:3", "1=node1:3"], "gpuDevices: 3 of a has 0 m left"],
  ])("applies nothing of one that names %s, and says why", async (_, reason, entries, message) => {
    await bed.map("check", entries);
    await bed.set("check", 2);
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["-", "-"]);
    expect(bed.conditions("check")).toEqual([`Valid=False ${reason}`, "Placed=False Held"]);
    for (const pod of ["check-0", "check-1"]) {
      expect(bed.whyNot(pod)).toContain(`Unschedulable: scheduling map default/check: ${message}`);
      expect(bed.events(pod)).toEqual(["FailedScheduling"]);
    }
    expect(bed.events("check")).toEqual(["GpuMapHeld"]);
  });

  it("applies nothing while any of its GPUs is ill or a stranger's, and all once that is over", async () => {
    bed.facts.change("b", 2, { unhealthy: "Xid 79: the GPU has fallen off the bus" });
    await bed.map("check", threeEntries);
    await bed.set("check", 3);
    await bed.controller();
    expect(bed.places(...threePods)).toEqual(["-", "-", "-"]);
    expect(bed.whyNot("check-0")).toContain("podIndex 1 on b: node(s) had GPU 2 not to give: Xid 79");
    bed.facts.change("b", 2, { unhealthy: null, foreignPids: [4711] });
    await bed.pass(20);
    expect(bed.whyNot("check-0")).toContain("process 4711 of no known container is on it");
    expect(bed.places(...threePods)).toEqual(["-", "-", "-"]);
    bed.facts.change("b", 2, { foreignPids: [] });
    await bed.pass(20);
    expect(bed.places(...threePods)).toEqual(threePlaces);
  });

  it("has the GPUs that no other map has: the older one keeps them", async () => {
    await bed.map("first", ["0=node1:0"]);
    await bed.pass(1);
    await bed.map("second", ["0=node1:0", "1=node1:1"]);
    await bed.set("second", 2);
    await bed.set("first", 1);
    await bed.controller();
    expect(bed.places("first-0", "second-0", "second-1")).toEqual(["a 0", "-", "-"]);
    expect(bed.whyNot("second-1")).toContain("gpuDevices: 0 of a is of the map default/first");
  });

  it("lets pods have a GPU together by name", async () => {
    await bed.map("check", ["0=node1:3@team", "1=node1:3@team"]);
    await bed.set("check", 2);
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["a 3", "a 3"]);
  });

  it("holds a pod whose node's GPUs nobody tells of, or too old", async () => {
    const gpus = bed.facts.of("a")?.gpus ?? [];
    bed.facts.set("a", gpus, 120_000);
    await bed.map("check", ["0=node1:0"]);
    await bed.set("check", 1);
    await bed.controller();
    expect(bed.placeOf("check-0")).toBe("-");
    expect(bed.conditions("check")).toEqual(["Valid=Unknown GpusUnknown", "Placed=False Held"]);
    expect(bed.whyNot("check-0")).toContain("GPUs of which no agent tells");
    bed.facts.set("a", gpus);
    await bed.pass(12);
    expect(bed.placeOf("check-0")).toBe("a 0");
  });

  it("keeps the GPUs of a pod that is deleted, and gives them to its successor", async () => {
    await bed.map("check", ["0=node1:0,1,2,3"]);
    await bed.set("check", 1);
    await bed.controller();
    await bed.remove("check-0");
    for (const name of ["x", "y", "z"]) await bed.pod(name, { annotations: { "gpu.walras.io/milli": "4000" } });
    await bed.pass(2);
    expect(bed.places("x", "y", "z").toSorted()).toEqual(["-", "b 0,1,2,3", "c 0,1,2,3"]);
    await bed.set("check", 1);
    await bed.pass(2);
    expect(bed.placeOf("check-0")).toBe("a 0,1,2,3");
  });

  it("is refused by the API server where it names an index twice", async () => {
    await expect(bed.map("check", ["0=node1:0", "0=node1:1"])).rejects.toThrow("Duplicate value");
  });
});

describe("an edited map", () => {
  beforeEach(async () => {
    await bed.map("check", ["0=node1:0", "1=node2:0"]);
    await bed.set("check", 2);
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["a 0", "b 0"]);
  });

  it("moves nothing that runs, and says so", async () => {
    await bed.editMap("check", ["0=node1:0", "1=node3:0"]);
    await bed.pass(10);
    expect(bed.places("check-0", "check-1")).toEqual(["a 0", "b 0"]);
    expect(bed.conditions("check")).toEqual(["Valid=True Checked", "Placed=False Elsewhere"]);
    expect(bed.status("check").placements?.[1]).toMatchObject({
      node: "b",
      message: "it runs elsewhere than the map says, which is c:0",
    });
    await bed.remove("check-1");
    await bed.pod("check-1", { owner: "check" });
    await bed.pass(2);
    expect(bed.placeOf("check-1")).toBe("c 0");
  });

  it("moves exactly what changed where it says Recreate, two that change places as well", async () => {
    await bed.setRollout("check", "Recreate");
    const uids = (): (string | undefined)[] => ["check-0", "check-1"].map((name) => bed.get(name)?.metadata.uid);
    const [kept] = uids();
    await bed.editMap("check", ["0=node1:0", "1=node3:0"]);
    await bed.pass(2);
    expect(uids()).toEqual([kept, undefined]);
    await bed.pod("check-1", { owner: "check" });
    await bed.pass(2);
    expect(bed.places("check-0", "check-1")).toEqual(["a 0", "c 0"]);
    await bed.editMap("check", ["0=node3:0", "1=node1:0"]);
    await bed.pass(2);
    expect(uids()).toEqual([undefined, undefined]);
    await bed.set("check", 2);
    await bed.pass(2);
    expect(bed.places("check-0", "check-1")).toEqual(["c 0", "a 0"]);
  });

  it("evicts nobody for a place that cannot be had", async () => {
    await bed.setRollout("check", "Recreate");
    bed.facts.change("c", 0, { unhealthy: "lost" });
    await bed.editMap("check", ["0=node3:0", "1=node1:0"]);
    await bed.pass(10);
    expect(bed.places("check-0", "check-1")).toEqual(["a 0", "b 0"]);
  });
});

describe("drift", () => {
  it("is told where the kubelet gave another GPU than the map says", async () => {
    await bed.node("d", { gpus: 2, plugin: true });
    await bed.map("check", ["0=d:0"]);
    await bed.set("check", 1, { requests: { "nvidia.com/gpu": "1" } });
    await bed.controller();
    expect(bed.placeOf("check-0")).toBe("d 0");
    const holders = [{ namespace: "default", pod: "check-0", by: "kubelet" as const }];
    bed.facts.change("d", 1, { holders });
    await bed.pass(3);
    expect(bed.status("check")).toMatchObject({
      drifted: 1,
      placements: [
        {
          enforcedBy: "device-plugin",
          intended: [uuidOf("d", 0)],
          kubelet: [uuidOf("d", 1)],
          drift: "GPU-d-0 were chosen, the kubelet gave GPU-d-1",
        },
      ],
    });
    expect(bed.events("check-0")).toEqual(["Scheduled", "GpuDrift"]);
  });
});

import { beforeEach, describe, expect, it } from "vitest";

import { uuidOf } from "../observe/testing.ts";
import { Bed } from "./bed.ts";
import { ClaimBed, driver, exactly, selecting } from "./claims.ts";

let bed: Bed;
let claims: ClaimBed;

const uuidIs = (node: string, index: number): string =>
  `device.attributes["${driver}"].uuid == "${uuidOf(node, index)}"`;

beforeEach(async () => {
  bed = new Bed();
  claims = new ClaimBed(bed);
  await bed.begin({ a: { gpus: 2 }, b: { gpus: 4 } });
  await claims.deviceClass();
});

describe("a pod with a claim", () => {
  beforeEach(async () => {
    await claims.slice("a", [0, 1]);
    await claims.slice("b", [0, 1, 2, 3]);
  });

  it("gets the device that it selects, written as kube-scheduler writes it, and says so", async () => {
    await claims.pod("x", [exactly(selecting(uuidIs("b", 2)))]);
    await bed.controller();
    expect(bed.placeOf("x")).toBe("b 2");
    expect(bed.get("x")?.metadata.annotations).toMatchObject({ "gpu.walras.io/enforced-by": "dra" });
    expect(claims.get("x-claim")?.metadata.finalizers).toEqual(["resource.kubernetes.io/delete-protection"]);
    expect(claims.get("x-claim")?.status).toEqual({
      allocation: {
        devices: {
          results: [{ request: "gpu", driver, pool: "b", device: "gpu-2" }],
          config: [{ source: "FromClass", requests: ["gpu"], opaque: { driver, parameters: { of: "gpu" } } }],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }],
        },
      },
      reservedFor: [{ resource: "pods", name: "x", uid: bed.get("x")?.metadata.uid }],
    });
    expect(bed.events("x")).toEqual(["Scheduled"]);
  });

  it("gets several, all of a node, or the first alternative that can be had", async () => {
    await claims.pod("two", [exactly({ count: 2 })]);
    await claims.pod("all", [{ name: "every", exactly: { deviceClassName: "gpu", allocationMode: "All" } }]);
    await bed.controller();
    expect(bed.placeOf("all")).toBe("a 0,1");
    expect(bed.placeOf("two")).toMatch(/^b \d,\d$/);
    await claims.pod("either", [
      {
        name: "gpu",
        firstAvailable: [
          { name: "big", deviceClassName: "gpu", count: 8 },
          { name: "small", deviceClassName: "gpu", count: 1 },
        ],
      },
    ]);
    await bed.pass(2);
    expect(bed.placeOf("either")).toMatch(/^b \d$/);
    expect(claims.get("either-claim")?.status?.["allocation"]).toMatchObject({
      devices: { results: [{ request: "gpu/small" }] },
    });
  });

  it("goes where the fewest devices are left, so that what is whole stays whole", async () => {
    await claims.pod("x");
    await claims.pod("y");
    await claims.pod("z", [exactly({ count: 4 })]);
    await bed.controller();
    expect(bed.places("x", "y").map((place) => place[0])).toEqual(["a", "a"]);
    expect(bed.placeOf("z")).toMatch(/^b /);
    expect(claims.twice()).toEqual([]);
  });

  it("waits, is told why, and is placed when a device is free", async () => {
    await claims.pod("x", [exactly({ count: 4 })]);
    await bed.controller();
    await claims.pod("y", [exactly({ count: 3 })]);
    await bed.pass(2);
    expect(bed.whyNot("y")).toBe(
      "Unschedulable: 0/2 nodes are available: 2 node(s) had not enough free devices for request gpu.",
    );
    await bed.remove("x");
    await claims.deallocate("x-claim");
    await bed.pass(12);
    expect(bed.placeOf("y")).toMatch(/^b /);
  });

  it("waits for a claim that is made from its template", async () => {
    await bed.pod("x", { spec: { resourceClaims: [{ name: "c", resourceClaimTemplateName: "t" }] } });
    await bed.controller();
    expect(bed.whyNot("x")).toBe("Unschedulable: no ResourceClaim has been made from t yet");
    await claims.fromTemplate("x", "x-c-abc");
    await bed.pass(12);
    expect(bed.placeOf("x")).toMatch(/^a \d$/);
    expect(claims.users("x-c-abc")).toEqual(["x"]);
  });

  it("shares a claim with others, on its node, and leaves what others use", async () => {
    await claims.claim("shared");
    for (const name of ["x", "y"]) await claims.podOf(name, ["shared"]);
    await bed.controller(20);
    expect(bed.placeOf("x")).toBe(bed.placeOf("y"));
    expect(claims.users("shared").toSorted()).toEqual(["x", "y"]);
    await claims.podOf("z", ["shared"], { requests: { cpu: "100" } });
    await bed.pass(12);
    expect(bed.placeOf("z")).toBe("-");
    expect(claims.has("shared")).toMatch(/^a\/gpu-\d$/);
  });

  it("has devices that agree or differ where its claim says so", async () => {
    const on = (pcie: string, index: number): object => ({ index, attributes: { pcie: { string: pcie } } });
    await bed.node("c", { gpus: 4 });
    await claims.slice("c", [on("p", 0), on("q", 1), on("r", 2), on("q", 3)] as never);
    const both = { constraints: [{ matchAttribute: `${driver}/pcie` }] };
    await claims.claim("same", [exactly({ count: 2 })], both);
    await claims.podOf("same", ["same"]);
    await bed.controller();
    expect(claims.has("same").split(",").toSorted()).toEqual(["c/gpu-1", "c/gpu-3"]);
    const apart = { constraints: [{ distinctAttribute: `${driver}/pcie`, requests: ["gpu"] }] };
    await claims.claim("apart", [exactly({ count: 2 })], apart);
    await claims.podOf("apart", ["apart"]);
    await bed.pass(3);
    expect(claims.has("apart").split(",").toSorted()).toEqual(["c/gpu-0", "c/gpu-2"]);
  });

  it.each([
    [
      "a selector that is not understood",
      [exactly(selecting("device.driver.matches('x')"))],
      "its selector is not understood: matches()",
    ],
    [
      "a selector that fails",
      [exactly(selecting("device.attributes['x'].y == 1"))],
      "a selector fails: no such key: y",
    ],
    [
      "a class that there is not",
      [exactly({ deviceClassName: "none" })],
      "DeviceClass none of ResourceClaim x-claim was not found",
    ],
    [
      "administrator's access",
      [exactly({ adminAccess: true })],
      "asks for adminAccess, which this scheduler does not know",
    ],
    ["a part of a device", [exactly({ capacity: { requests: { memory: "1Gi" } } })], "a part of a device's capacity"],
    ["another mode", [exactly({ allocationMode: "Some" })], "allocationMode Some"],
  ])("with %s waits, and the others are placed", async (_what, requests, why) => {
    await claims.pod("x", requests);
    await claims.pod("y");
    await bed.controller();
    expect(bed.placeOf("x")).toBe("-");
    expect(bed.whyNot("x")).toContain(why);
    expect(bed.placeOf("y")).not.toBe("-");
    expect(claims.get("x-claim")?.status).toEqual({});
  });

  it("does not ask by two ways at once", async () => {
    await claims.pod("x", undefined, { annotations: { "gpu.walras.io/milli": "1000" } });
    await bed.controller();
    expect(bed.whyNot("x")).toContain("spec.resourceClaims");
  });

  it("is placed with its gang or not at all, and then nothing stays allocated", async () => {
    const gang = { annotations: { "gpu.walras.io/gang": "g", "gpu.walras.io/gang-size": "4" } };
    for (const name of ["g-0", "g-1", "g-2", "g-3"]) await claims.pod(name, [exactly({ count: 2 })], gang);
    await bed.controller();
    expect(bed.places("g-0", "g-1", "g-2", "g-3")).toEqual(["-", "-", "-", "-"]);
    expect(["g-0", "g-1", "g-2", "g-3"].map((name) => claims.has(`${name}-claim`))).toEqual(["", "", "", ""]);
    await bed.node("c", { gpus: 2 });
    await claims.slice("c", [0, 1]);
    await bed.pass(12);
    expect(bed.places("g-0", "g-1", "g-2", "g-3")).not.toContain("-");
    expect(claims.twice()).toEqual([]);
  });
});

describe("a device", () => {
  it("is given by claims alone, and one that no slice publishes by none", async () => {
    await claims.slice("a", [0]);
    await bed.pod("env", { annotations: { "gpu.walras.io/milli": "2000" }, spec: { nodeSelector: {} } });
    await claims.pod("x");
    await claims.pod("y");
    await bed.controller();
    expect(bed.places("env", "x", "y").map((place) => place.replace(/\d,\d/, "…"))).toEqual(["b …", ...onlyOne("a 0")]);
    await bed.pod("one", { annotations: { "gpu.walras.io/milli": "1000" } });
    await bed.pass(2);
    expect(bed.placeOf("one")).toBe("a 1");
  });

  function onlyOne(place: string): string[] {
    return bed.placeOf("x") === "-" ? ["-", place] : [place, "-"];
  }

  it("that may be a device plugin's too is given by neither, until it is known that they are different ones", async () => {
    await bed.node("p", { gpus: 4, plugin: true });
    await claims.slice("p", [0, 1]);
    await bed.pod("plugin", { requests: { "nvidia.com/gpu": "1" } });
    await claims.pod("x");
    await bed.controller();
    expect(bed.places("plugin", "x")).toEqual(["-", "-"]);
    await bed.patchNode("p", { status: { allocatable: { "nvidia.com/gpu": "2" } } }, "status");
    await bed.pass(12);
    expect(bed.placeOf("plugin")).toMatch(/^p/);
    expect(bed.placeOf("x")).toMatch(/^p [01]$/);
  });

  it("that is ill, tainted, a stranger's, shared by counters or of a pool that is not whole is not given", async () => {
    await claims.slice("b", [
      0,
      { index: 1, taints: [{ key: "bad", effect: "NoSchedule" }] },
      { index: 2, more: { consumesCounters: [{ counterSet: "s" }] } },
      3,
    ]);
    await claims.slice("a", [0, 1], { resourceSliceCount: 2 });
    bed.facts.change("b", 0, { unhealthy: "Xid 79" });
    bed.facts.change("b", 3, { foreignPids: [7] });
    await claims.pod("x");
    await bed.controller();
    expect(bed.placeOf("x")).toBe("-");
    const tolerant = exactly({ tolerations: [{ key: "bad", operator: "Exists" }] });
    await claims.pod("y", [tolerant]);
    await bed.pass(2);
    expect(bed.placeOf("y")).toBe("b 1");
    expect(claims.get("y-claim")?.status?.["allocation"]).toMatchObject({
      devices: { results: [{ device: "gpu-1", tolerations: [{ key: "bad", operator: "Exists" }] }] },
    });
  });

  it("is given where no agent tells of its node: its driver publishes it", async () => {
    bed.facts.forget("a");
    await claims.slice("a", [0, 1]);
    await claims.pod("x");
    await bed.controller();
    expect(bed.placeOf("x")).toMatch(/^a \d$/);
  });

  it("of an older generation of its pool is not given any more", async () => {
    await claims.slice("a", [0, 1]);
    await claims.slice("a", [1], { generation: 2 });
    await claims.pod("x");
    await claims.pod("y");
    await bed.controller();
    expect(bed.places("x", "y").toSorted()).toEqual(["-", "a 1"]);
  });
});

describe("a scheduling map", () => {
  beforeEach(async () => {
    await claims.slice("a", [0, 1]);
    await claims.slice("b", [0, 1, 2, 3]);
    await bed.map("check", ["0=b:3", "1=a:1"]);
    for (const index of [0, 1]) await claims.claim(`c-${index}`);
  });

  it("names the GPUs that claims get, by UUID, and says that they are enforced", async () => {
    for (const index of [0, 1]) await claims.podOf(`check-${index}`, [`c-${index}`], { owner: "check" });
    await claims.pod("other", [exactly({ count: 2 })]);
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["b 3", "a 1"]);
    expect(bed.placeOf("other")).toMatch(/^b [012],[012]$/);
    expect(bed.status("check").placements).toMatchObject([{ enforcedBy: "dra" }, { enforcedBy: "dra" }]);
    expect(bed.conditions("check")).toEqual(["Valid=True Checked", "Placed=True AllPlaced"]);
  });

  it("holds all its pods where one asks by no claim for a GPU that a driver publishes", async () => {
    await claims.podOf("check-0", ["c-0"], { owner: "check" });
    await bed.pod("check-1", { owner: "check" });
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["-", "-"]);
    expect(bed.whyNot("check-0")).toContain("podIndex 1 on a");
    expect(bed.whyNot("check-1")).toContain("a driver of DRA publishes it, and the pod has no claim");
  });

  it("whose GPU a claim does not select, holds that pod", async () => {
    await claims.claim("elsewhere", [exactly(selecting(uuidIs("b", 0)))]);
    await claims.podOf("check-0", ["elsewhere"], { owner: "check" });
    await claims.podOf("check-1", ["c-1"], { owner: "check" });
    await bed.controller();
    expect(bed.places("check-0", "check-1")).toEqual(["-", "a 1"]);
    expect(bed.whyNot("check-0")).toContain("not enough free devices for request gpu");
    expect(claims.has("elsewhere")).toBe("");
  });
});

import { beforeEach, describe, expect, it } from "vitest";

import type { Bed } from "./bed.ts";
import { claimBed, type ClaimBed, driver, exactly, selecting, uuidIs } from "./claims.ts";

let bed: Bed;
let claims: ClaimBed;

beforeEach(async () => {
  ({ bed, claims } = await claimBed());
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

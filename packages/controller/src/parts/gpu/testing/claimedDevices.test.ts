import { beforeEach, describe, expect, it } from "vitest";

import type { Bed } from "./bed.ts";
import { claimBed, type ClaimBed, exactly, selecting, uuidIs } from "./claims.ts";

let bed: Bed;
let claims: ClaimBed;

beforeEach(async () => {
  ({ bed, claims } = await claimBed());
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

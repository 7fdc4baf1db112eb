import { beforeEach, describe, expect, it } from "vitest";

import type { GpuFact } from "../observe/gpuFact.ts";
import { gpuFacts } from "../observe/testing.ts";
import { Bed, type PodGiven } from "./bed.ts";

let bed: Bed;

/** The first GPU of node a is in MIG mode, with these instances; the second is whole. */
function migFacts(...profiles: readonly string[]): GpuFact[] {
  const [first, second] = gpuFacts("a", 2);
  const migDevices = profiles.map((profile, at) => ({ uuid: `MIG-${at}`, profile, memoryTotalMiB: 9_856 }));
  return [{ ...first!, mig: "enabled", migDevices }, second!];
}

const asks = (profile: string, more: PodGiven = {}): PodGiven => ({
  ...more,
  annotations: { "gpu.walras.io/mig": profile, ...more.annotations },
});
const whole = (milli = 1000): PodGiven => ({ annotations: { "gpu.walras.io/milli": String(milli) } });

beforeEach(async () => {
  bed = new Bed();
  await bed.begin({ a: { gpus: 2 } });
  bed.facts.set("a", migFacts("1g.10gb", "1g.10gb", "3g.40gb"));
});

describe("a pod that asks for a MIG instance", () => {
  it("gets a free one of that profile by its UUID, and waits where there is none", async () => {
    for (const name of ["x", "y", "z"]) await bed.pod(name, asks("1g.10gb"));
    await bed.pod("large", asks("3g.40gb"));
    await bed.controller();
    expect(bed.places("x", "y", "large").toSorted()).toEqual(["a MIG-0", "a MIG-1", "a MIG-2"]);
    expect(bed.get("x")?.metadata.annotations).toMatchObject({ "gpu.walras.io/enforced-by": "env" });
    expect(bed.whyNot("z")).toContain("0/1 nodes are available: 1 node(s) had no MIG instance 1g.10gb free");
    await bed.remove("y");
    await bed.pass(12);
    expect(bed.placeOf("z")).toBe("a MIG-1");
  });

  it("is told what is wrong with what it asks for", async () => {
    await bed.pod("wrong", asks("small"));
    await bed.pod("both", asks("1g.10gb", whole(500)));
    await bed.controller();
    expect(bed.whyNot("wrong")).toContain('gpu.walras.io/mig: "small" is not a MIG profile such as 1g.10gb');
    expect(bed.whyNot("both")).toContain("does not go with gpu.walras.io/milli");
  });

  it("gets the model that it asks for, and none that a device plugin gives", async () => {
    await bed.pod("other", asks("1g.10gb", { annotations: { "gpu.walras.io/models": "H100" } }));
    await bed.node("p", { gpus: 0 });
    await bed.patchNode(
      "p",
      { status: { allocatable: { cpu: "8", memory: "8Gi", pods: "9", "nvidia.com/mig-2g.20gb": "1" } } },
      "status",
    );
    bed.facts.set("p", [{ ...migFacts("2g.20gb")[0]!, uuid: "GPU-p-0" }]);
    await bed.pod("plugins", asks("2g.20gb"));
    await bed.controller();
    expect(bed.places("other", "plugins")).toEqual(["-", "-"]);
    expect(bed.whyNot("other")).toContain("no GPU of model H100");
    expect(bed.whyNot("plugins")).toContain("GPUs of a device plugin, which the pod does not ask");
  });

  it("may have one of lower priority evicted from such an instance", async () => {
    await bed.pod("low", asks("3g.40gb"));
    await bed.controller();
    await bed.pod("urgent", asks("3g.40gb", { spec: { priority: 5 } }));
    await bed.pass(15);
    expect([bed.get("low"), bed.placeOf("urgent")]).toEqual([undefined, "a MIG-2"]);
  });
});

describe("a GPU in MIG mode", () => {
  it("is never given as a whole, nor in shares", async () => {
    for (const name of ["x", "y"]) await bed.pod(name, whole());
    await bed.pod("share", whole(100));
    await bed.controller();
    expect(bed.places("x", "y", "share").toSorted()).toEqual(["-", "-", "a 1"]);
  });

  it("is given to nobody while its mode is being changed, and those who wait are told", async () => {
    const [first, second] = migFacts("1g.10gb");
    bed.facts.set("a", [{ ...first!, mig: "pending" }, second!]);
    await bed.map("check", ["0=a:0:0"]);
    await bed.set("check", 1);
    await bed.pod("x", asks("1g.10gb"));
    await bed.controller();
    expect(bed.places("x", "check-0")).toEqual(["-", "-"]);
    expect(bed.whyNot("check-0")).toContain("node(s) had GPU 0:0 not to give: its MIG mode is being changed");
    bed.facts.set("a", migFacts("1g.10gb"));
    await bed.pass(15);
    expect(bed.places("x", "check-0")).toEqual(["-", "a MIG-0"]);
  });

  it("keeps its instances from others while somebody has all of it, or is on it unnamed", async () => {
    bed.facts.set("a", gpuFacts("a", 1));
    await bed.pod("old", whole());
    await bed.controller();
    const [first] = migFacts("1g.10gb", "1g.10gb");
    bed.facts.set("a", [first!]);
    await bed.pod("x", asks("1g.10gb"));
    await bed.pass(12);
    expect(bed.placeOf("x")).toBe("-");
    await bed.remove("old");
    bed.facts.set("a", [{ ...first!, holders: [{ namespace: "ml", pod: "other", by: "kubelet" }] }]);
    await bed.pass(12);
    expect(bed.placeOf("x")).toBe("-");
    bed.facts.set("a", [first!]);
    await bed.pass(12);
    expect(bed.placeOf("x")).toBe("a MIG-0");
  });

  it("has no drift while its processes are seen on the GPU, of which nvidia-smi says no more", async () => {
    await bed.map("check", ["0=a:0:0"]);
    await bed.set("check", 1);
    await bed.controller();
    const [first, second] = migFacts("1g.10gb");
    bed.facts.set("a", [{ ...first!, holders: [{ namespace: "default", pod: "check-0", by: "process" }] }, second!]);
    await bed.pass(5);
    expect(bed.status("check")).toMatchObject({ placed: "1/1", drifted: 0, placements: [{ process: ["MIG-0"] }] });
  });
});

describe("a map", () => {
  it("names instances by their GPU and their number, and GPUs that are whole beside them", async () => {
    await bed.map("check", ["0=a:0:2", "1=a:1", "2=a:0:0,0:1"]);
    await bed.set("check", 3);
    await bed.pod("x", asks("1g.10gb"));
    await bed.controller();
    expect(bed.places("check-0", "check-1", "check-2", "x")).toEqual(["a MIG-2", "a 1", "a MIG-0,MIG-1", "-"]);
    expect(bed.conditions("check")).toEqual(["Valid=True Checked", "Placed=True AllPlaced"]);
  });

  it.each([
    ["an instance that there is not", ["0=a:0:7"], "gpuDevices: 0:7 is not a MIG instance of a"],
    ["an instance twice", ["0=a:0:1", "1=a:0:1"], "gpuDevices: 0:1 of a has 0 m left"],
    ["another profile than its pod asks for", ["0=a:0:2"], "gpuDevices: 0:2 of a is 3g.40gb, check-0 asks for 1g.10gb"],
  ])("is not used where it names %s", async (_, entries, message) => {
    await bed.map("check", entries);
    await bed.set("check", 2, asks("1g.10gb"));
    await bed.controller();
    expect(bed.places("check-0")).toEqual(["-"]);
    expect(bed.whyNot("check-0")).toContain(message);
  });
});

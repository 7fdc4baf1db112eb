import { beforeEach, describe, expect, it } from "vitest";

import { gpuFacts } from "../observe/testing.ts";
import { Bed, type PodGiven } from "./bed.ts";
import { ClaimBed, exactly } from "./claims.ts";

let bed: Bed;
let claims: ClaimBed;

const cpu = (cores: number, priority: number, more: PodGiven = {}): PodGiven => ({
  ...more,
  requests: { cpu: String(cores) },
  spec: { priority, ...more.spec },
});
const whole = (given: PodGiven): PodGiven => ({ ...given, annotations: { "gpu.walras.io/milli": "1000" } });
const gone = (...names: readonly string[]): string[] => names.filter((name) => bed.get(name) === undefined);

beforeEach(async () => {
  bed = new Bed();
  claims = new ClaimBed(bed);
  // Eight cores each; the first GPU is published, the second is not.
  await bed.begin({ a: { gpus: 2 } });
  await claims.deviceClass();
  await claims.slice("a", [0]);
});

describe("a pod with a claim, however important,", () => {
  it("waits for a device that another one has, and nobody is evicted for it", async () => {
    await claims.pod("first", undefined, cpu(1, 0));
    await bed.pod("low", whole(cpu(1, 0)));
    await bed.controller();
    await claims.pod("urgent", undefined, cpu(1, 9));
    await bed.pass(30);
    expect(bed.places("first", "low", "urgent")).toEqual(["a 0", "a 1", "-"]);
    expect(bed.whyNot("urgent")).toContain("not enough free devices for request gpu");
    expect(bed.events("urgent")).toEqual(["FailedScheduling"]);
  });

  it("waits for CPU, and nobody is evicted for it or for its gang", async () => {
    const gang = { "gpu.walras.io/gang": "g", "gpu.walras.io/gang-size": "2" };
    await bed.pod("low", cpu(7, 0));
    await bed.controller();
    await claims.pod("urgent", undefined, cpu(2, 9));
    await claims.pod("g-0", undefined, cpu(1, 8, { annotations: gang }));
    await bed.pod("g-1", cpu(2, 8, { annotations: gang }));
    await bed.pass(30);
    expect(bed.places("low", "urgent", "g-0", "g-1")).toEqual(["a", "-", "-", "-"]);
    expect(bed.get("urgent")?.status?.["nominatedNodeName"]).toBeUndefined();
    await bed.remove("low");
    await bed.pass(12);
    expect(bed.placeOf("urgent")).toBe("a 0");
  });

  it("does not take what is kept for one that others leave for", async () => {
    await bed.pod("low", whole(cpu(6, 0, { spec: { terminationGracePeriodSeconds: 60 } })));
    await bed.controller();
    await bed.runs("low");
    await bed.pod("nominated", whole(cpu(6, 5)));
    await bed.pass(5);
    expect(bed.get("nominated")?.status?.["nominatedNodeName"]).toBe("a");
    await claims.pod("urgent", undefined, cpu(4, 9));
    await bed.stopped("low");
    await bed.pass(30);
    expect(bed.places("nominated", "urgent")).toEqual(["a 1", "-"]);
    expect(claims.has("urgent-claim")).toBe("");
  });
});

describe("a pod with a claim, however unimportant,", () => {
  it.each([
    ["stays in a defragmentation, whatever its claim is of", true, []],
    ["would be moved if it had none", false, ["holder"]],
  ])("%s", async (_, claimed, moved) => {
    // A device without a UUID.
    await claims.slice("b", [{ index: 0, attributes: { uuid: { int: 1 } } }]);
    await bed.node("b", { gpus: 1 });
    const given = cpu(6, 0, { owner: "made" });
    const onB = { ...given, spec: { ...given.spec, nodeSelector: { on: "b" } } };
    await bed.patchNode("b", { metadata: { labels: { on: "b" } } });
    await (claimed ? claims.pod("holder", undefined, onB) : bed.pod("holder", onB));
    await bed.controller(3, { args: ["--gpu-defragment=move", "--gpu-defragment-every=60", "--no-gpu-preemption"] });
    expect(bed.placeOf("holder")).toBe("b");
    await bed.patchNode("a", { metadata: { labels: { on: "b" } } });
    await bed.pod("first", whole(cpu(1, 0)));
    await bed.pass(2);
    await bed.pod("waits", whole(cpu(4, 0)));
    await bed.pass(130);
    expect(bed.placeOf("first")).toBe("a 1");
    expect(gone("holder")).toEqual(moved);
  });

  it("is not evicted: somebody without one is, or nobody", async () => {
    await claims.pod("claimed", undefined, cpu(4, 0));
    await bed.pod("low", cpu(4, 1));
    await bed.controller();
    await bed.pod("urgent", cpu(4, 9));
    await bed.pass(15);
    expect(gone("claimed", "low")).toEqual(["low"]);
    await bed.pod("too-large", cpu(5, 9));
    await bed.pass(30);
    expect(bed.places("claimed", "urgent", "too-large")).toEqual(["a 0", "a", "-"]);
  });

  it("keeps its place while its claim is being allocated", async () => {
    await claims.pod("rival", [exactly({ count: 9 })], { spec: { schedulerName: "default-scheduler" } });
    const failed = { type: "PodScheduled", status: "False", message: "no devices" };
    await bed.podStatus("rival", { conditions: [failed] });
    await claims.pod("claimed", undefined, cpu(6, 0));
    await bed.controller(10);
    for (let waited = 0; waited < 60 && claims.has("claimed-claim") === ""; waited += 1) await bed.pass(0.5);
    await bed.pod("urgent", whole(cpu(6, 9)));
    await bed.pass(0.5);
    expect([claims.has("claimed-claim"), bed.placeOf("claimed")]).toEqual(["a/gpu-0", "-"]);
    expect(bed.whyNot("urgent")).toContain("Insufficient cpu");
    await bed.pass(30);
    expect(bed.places("claimed", "urgent")).toEqual(["a 0", "-"]);
  });
});

describe("a MIG instance", () => {
  const profile = "1g.10gb";
  const asks: PodGiven = { annotations: { "gpu.walras.io/mig": profile } };
  const migDevice = { index: 0, attributes: { uuid: { string: "MIG-0" }, parentUUID: { string: "GPU-a-0" } } };

  beforeEach(async () => {
    bed = new Bed();
    claims = new ClaimBed(bed);
    await bed.begin({ a: { gpus: 2 } });
    await claims.deviceClass();
    const [first, second] = gpuFacts("a", 2);
    const migDevices = [0, 1].map((at) => ({ uuid: `MIG-${at}`, profile, memoryTotalMiB: 9_856 }));
    bed.facts.set("a", [{ ...first!, mig: "enabled", migDevices }, second!]);
  });

  it("that a driver publishes is given by its claim, and no other of its GPU without one", async () => {
    await claims.slice("a", [migDevice]);
    await bed.pod("env", asks);
    await claims.pod("x");
    await bed.controller();
    expect(bed.places("x", "env")).toEqual(["a MIG-0", "-"]);
    expect(bed.whyNot("env")).toContain(`node(s) had no MIG instance ${profile} free`);
  });

  it("whose GPU a driver publishes is given to nobody who has no claim", async () => {
    await claims.slice("a", [0]);
    await bed.pod("env", asks);
    await bed.controller();
    expect(bed.placeOf("env")).toBe("-");
  });

  it("is given by neither where a device plugin counts GPUs of the same node", async () => {
    await claims.slice("a", [migDevice]);
    await bed.patchNode("a", { status: { allocatable: { "nvidia.com/gpu": "1" } } }, "status");
    await bed.pod("plugin", { requests: { "nvidia.com/gpu": "1" } });
    await claims.pod("x");
    await bed.controller();
    expect(bed.places("plugin", "x")).toEqual(["-", "-"]);
    expect(bed.whyNot("x")).not.toBe("");
  });

  it("goes with no claim beside it", async () => {
    await claims.pod("both", undefined, asks);
    await bed.controller();
    expect(bed.whyNot("both")).toContain("spec.resourceClaims");
    expect(bed.whyNot("both")).toContain("goes with none of gpu.walras.io/milli, gpu.walras.io/mig, nvidia.com/gpu");
  });
});

import { beforeEach, describe, expect, it } from "vitest";

import { Bed, type PodGiven } from "./bed.ts";

let bed: Bed;

const share = (milli: number, more: Readonly<Record<string, string>> = {}): PodGiven => ({
  annotations: { "gpu.walras.io/milli": String(milli), ...more },
});
const byPlugin = (count: number): PodGiven => ({ requests: { "nvidia.com/gpu": String(count) } });
const gang = (name: string, size: number, milli = 1000): PodGiven =>
  share(milli, { "gpu.walras.io/gang": name, "gpu.walras.io/gang-size": String(size) });

beforeEach(() => {
  bed = new Bed();
});

describe("automatic placement", () => {
  it("gives shares of one GPU, whole ones, and models that are asked for", async () => {
    await bed.begin({ a: { gpus: 2, model: "T4" }, b: { gpus: 2, model: "A100" } });
    await bed.pod("x", share(600, { "gpu.walras.io/models": "T4" }));
    await bed.pod("y", share(400, { "gpu.walras.io/models": "T4" }));
    await bed.pod("z", share(2000, { "gpu.walras.io/models": "V100, A100" }));
    await bed.pod("none", share(1000, { "gpu.walras.io/models": "V100" }));
    await bed.controller();
    expect(bed.places("x", "y", "z", "none")).toEqual(["a 0", "a 0", "b 0,1", "-"]);
    expect(bed.whyNot("none")).toBe("Unschedulable: 0/2 nodes are available: 2 node(s) had no GPU of model V100.");
    expect(bed.doubleBooked()).toEqual([]);
  });

  it("gives by the device plugin's count where no agent tells, and leaves the choice to the kubelet", async () => {
    await bed.begin({ a: { gpus: 4, plugin: true } });
    bed.facts.forget("a");
    await bed.pod("x", byPlugin(3));
    await bed.pod("y", byPlugin(2));
    await bed.pod("z", byPlugin(1));
    await bed.pod("unasked", share(1000));
    await bed.controller();
    expect(["a", "-"]).toEqual(bed.places("x", "y"));
    expect(bed.get("x")?.metadata.annotations).toEqual({ "gpu.walras.io/enforced-by": "device-plugin" });
    expect(bed.placeOf("z")).toBe("a");
    expect(bed.whyNot("unasked")).toContain("GPUs of a device plugin, which the pod does not ask");
  });

  it("counts what pods of other schedulers hold", async () => {
    await bed.begin({ a: { gpus: 2, plugin: true, cpu: "2" } });
    await bed.pod("other", {
      requests: { "nvidia.com/gpu": "1", cpu: "1500m" },
      spec: { schedulerName: "default-scheduler", nodeName: "a" },
    });
    await bed.pod("x", byPlugin(2));
    await bed.pod("y", { requests: { "nvidia.com/gpu": "1", cpu: "1" } });
    await bed.pod("z", { requests: { "nvidia.com/gpu": "1", cpu: "500m" } });
    await bed.controller();
    expect(bed.places("x", "y", "z")).toEqual(["-", "-", "a"]);
    expect(bed.whyNot("x")).toBe("Unschedulable: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
    expect(bed.whyNot("y")).toMatch(/1 Insufficient (cpu|nvidia\.com\/gpu)/);
  });

  it("never gives a GPU that is ill, a stranger's, or held by a pod that was not given it", async () => {
    await bed.begin({ a: { gpus: 4 } });
    bed.facts.change("a", 0, { unhealthy: "Xid 48: double-bit ECC error" });
    bed.facts.change("a", 1, { foreignPids: [99] });
    bed.facts.change("a", 2, { holders: [{ namespace: "x", pod: "y", by: "process" }] });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000));
    await bed.controller();
    expect(bed.places("x", "y").toSorted()).toEqual(["-", "a 3"]);
  });

  it("keeps to taints, selectors, affinity, cordons, readiness, pod counts and gates", async () => {
    const taint = { key: "dedicated", value: "ml", effect: "NoSchedule" };
    await bed.begin({
      tainted: { taints: [taint] },
      full: { pods: "0" },
      cordoned: {},
      lost: {},
      good: { labels: { zone: "b" } },
    });
    await bed.patchNode("cordoned", { spec: { unschedulable: true } });
    await bed.patchNode("lost", { status: { conditions: [{ type: "Ready", status: "Unknown" }] } }, "status");
    const affinity = (values: readonly string[]): object => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values }] }],
        },
      },
    });
    await bed.pod("plain");
    await bed.pod("tolerant", {
      spec: { nodeName: undefined, tolerations: [{ operator: "Exists" }], nodeSelector: { zone: "b" } },
    });
    await bed.pod("there", { spec: { affinity: affinity(["b", "c"]) } });
    await bed.pod("nowhere", { spec: { affinity: affinity(["d"]) } });
    await bed.pod("gated", { spec: { schedulingGates: [{ name: "test.dev/gate" }] } });
    await bed.pod("unknown", { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "v" } }] } });
    await bed.controller();
    expect(bed.places("plain", "tolerant", "there", "nowhere", "gated", "unknown")).toEqual([
      "good",
      "good",
      "good",
      "-",
      "-",
      "-",
    ]);
    expect(bed.whyNot("nowhere")).toBe(
      "Unschedulable: 0/5 nodes are available: 1 node(s) had untolerated taint {dedicated: ml}, 1 node(s) were not ready, " +
        "1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
    );
    expect(bed.whyNot("unknown")).toContain("a persistent volume, which this scheduler does not know");
  });

  it("names what cannot be read of a pod, and places the others", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.pod("wrong", share(1500));
    await bed.pod("both", { ...share(500), requests: { "nvidia.com/gpu": "1" } });
    await bed.pod("right", share(500));
    await bed.controller();
    expect(bed.places("wrong", "both", "right")).toEqual(["-", "-", "a 0"]);
    expect(bed.whyNot("wrong")).toContain('gpu.walras.io/milli: "1500" is neither from 1 to 1000');
    expect(bed.whyNot("both")).toContain("does not go with nvidia.com/gpu");
  });

  it("places the more important first, and leaves pods of other schedulers alone", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.pod("first", share(1000));
    await bed.pod("urgent", { ...share(1000), spec: { priority: 100 } });
    await bed.pod("foreign", { spec: { schedulerName: "default-scheduler" } });
    await bed.controller();
    expect(bed.places("first", "urgent", "foreign")).toEqual(["-", "a 0", "-"]);
  });
});

describe("a gang", () => {
  beforeEach(() => bed.begin({ a: { gpus: 2 }, b: { gpus: 1 } }));

  it("waits until it is whole, and is placed together", async () => {
    await bed.pod("g-0", gang("g", 3));
    await bed.pod("g-1", gang("g", 3));
    await bed.controller();
    expect(bed.places("g-0", "g-1")).toEqual(["-", "-"]);
    expect(bed.whyNot("g-0")).toBe("Unschedulable: gang g has 2 of 3 pods");
    await bed.pod("g-2", gang("g", 3));
    await bed.pass(12);
    expect(bed.places("g-0", "g-1", "g-2").toSorted()).toEqual(["a 0", "a 1", "b 0"]);
  });

  it("takes nothing where it does not fit whole", async () => {
    await bed.set("g", 4, gang("g", 4));
    await bed.controller();
    expect(bed.places("g-0", "g-1", "g-2", "g-3")).toEqual(["-", "-", "-", "-"]);
    expect(bed.whyNot("g-0")).toContain("gang g is placed together or not at all");
    await bed.pod("small", share(1000));
    await bed.pass(2);
    expect(bed.placeOf("small")).not.toBe("-");
  });
});

describe("those who wait", () => {
  beforeEach(() => bed.begin({ a: { gpus: 1 } }));

  it("are placed when a pod ends or is deleted, a node comes or changes, or a GPU is well again", async () => {
    for (const name of ["w", "x", "y", "z"]) await bed.pod(name, share(1000));
    await bed.controller();
    const placed = (): string[] => ["w", "x", "y", "z"].filter((name) => bed.placeOf(name) !== "-");
    const [first = ""] = placed();
    await bed.end(first);
    await bed.pass(12);
    const second = placed().find((name) => name !== first) ?? "";
    await bed.remove(second);
    await bed.pass(12);
    expect(placed()).toHaveLength(2);
    await bed.node("b", { gpus: 1 });
    await bed.pass(12);
    expect(placed()).toHaveLength(3);
    expect(bed.events(second).filter((reason) => reason === "FailedScheduling")).toHaveLength(1);
  });

  it("are not tried again and again while nothing changes", async () => {
    await bed.pod("x", share(4000));
    await bed.controller();
    const version = bed.get("x")?.metadata.resourceVersion;
    await bed.pass(120);
    expect(bed.get("x")?.metadata.resourceVersion).toBe(version);
  });

  it("have their turn once a gate is gone", async () => {
    await bed.pod("x", { ...share(1000), spec: { schedulingGates: [{ name: "test.dev/gate" }] } });
    await bed.controller();
    expect(bed.placeOf("x")).toBe("-");
    await bed.patchPod("x", { spec: { schedulingGates: null } });
    await bed.pass(2);
    expect(bed.placeOf("x")).toBe("a 0");
  });
});

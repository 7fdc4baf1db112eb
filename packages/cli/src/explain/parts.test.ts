import {
  type ExplainedKind,
  type Explanation,
  explanationSchema,
  gpuSchedulingMapCrd,
  gpuSchedulingMapResource,
  intentCrd,
  intentResource,
} from "@walras/api";
import { serveKind } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, it } from "vitest";

import { marketCluster, type TestCluster } from "../testing.ts";
import { explain } from "./explain.ts";

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await marketCluster();
});

/** Whatever is explained has the one shape. */
async function explained(kind: ExplainedKind, name: string, namespace?: string): Promise<Explanation> {
  const options = { carlaNamespace: "carla", batchEligible: "posture/eligible=true", ...(namespace && { namespace }) };
  return explanationSchema.parse(await explain(kind, name, options, cluster));
}

describe("walras explain app", () => {
  const path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
  beforeEach(async () => {
    await serveKind(cluster, { group: "argoproj.io", kind: "Application", version: "v1alpha1" });
    await cluster.namespace("argocd");
    await cluster.namespace("carla");
  });

  async function app(name: string, sync: string, metadata: object = {}): Promise<string> {
    const status = { sync: { status: sync }, health: { status: "Healthy" } };
    const body = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: { name, ...metadata }, status };
    return (await cluster.create(path, body)).metadata.uid;
  }

  it("tells what holds it back, who approved, and the freeze", async () => {
    const uid = await app("onco", "OutOfSync", {
      annotations: { "carla.ops/approved-until": "2026-03-28T22:14:05Z", "carla.ops/approved-by": "dana" },
    });
    const note = "risk 2.5 is 2 or more (score 1.250)";
    await cluster.event(
      { kind: "Application", namespace: "argocd", name: "onco", uid },
      { reason: "HeldHighRiskPaused", note },
    );
    const freeze = {
      from: "2026-01-01T00:00:00.000Z",
      until: null,
      except: ["grafana"],
      inFlight: "continue",
      by: "kim",
    };
    await cluster.create("/apis/coordination.k8s.io/v1/namespaces/carla/leases", {
      metadata: { name: "carla-freeze", annotations: { "carla.ops/freeze": JSON.stringify(freeze) } },
      spec: {},
    });
    const told = await explained("app", "onco");
    expect(told).toMatchObject({ state: "HeldHighRiskPaused", since: "2026-01-01T12:00:00.000Z" });
    expect(told.subject).toEqual({ kind: "app", namespace: "argocd", name: "onco" });
    expect(told.verdict).toBe(`it is OutOfSync and Healthy; ${note}`);
    expect(told.change).toEqual(["walras carla approve argocd/onco"]);
    expect(told.reasons.slice(1)).toEqual([
      { reason: "Freeze", message: "releases are frozen by kim until it is lifted, except grafana" },
      { reason: "Approved", message: "approved by dana until 2026-03-28T22:14:05Z" },
    ]);
    expect(told.numbers).toMatchObject([{ name: "score", value: 1.25 }]);
  });

  it("has nothing pending where it is in sync, and nothing told where CARLA does not run", async () => {
    await app("calm", "Synced");
    await app("new", "OutOfSync");
    expect((await explained("app", "argocd/calm")).state).toBe("Synced");
    expect((await explained("app", "new")).state).toBe("Untold");
  });
});

describe("walras explain slot", () => {
  beforeEach(async () => {
    await serveKind(cluster, { group: "keda.sh", kind: "ScaledJob", version: "v1alpha1" });
    await serveKind(cluster, { group: "batch", kind: "Job" });
  });

  async function scaledJob(name: string, part: object = {}): Promise<string> {
    const body = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledJob",
      metadata: { name },
      spec: { maxReplicaCount: 5, triggers: [{ type: "external" }] },
      ...part,
    };
    return (await cluster.create("/apis/keda.sh/v1alpha1/namespaces/shop/scaledjobs", body)).metadata.uid;
  }

  it("tells that no node takes jobs", async () => {
    await scaledJob("frames");
    const slot = await explained("slot", "shop/frames");
    expect([slot.state, slot.change[0]]).toEqual(["NoNodes", "kubectl label node NODE posture/eligible=true"]);
    expect(slot.numbers.find(({ name }) => name === "most jobs")?.value).toBe(5);
  });

  it("tells what KEDA says is wrong, and what asks nobody", async () => {
    const conditions = [{ type: "Ready", status: "False", reason: "ScaledJobCheckFailed", message: "no demand" }];
    await scaledJob("broken", { status: { conditions } });
    expect((await explained("slot", "shop/broken")).reasons[0]).toEqual({
      reason: "ScaledJobCheckFailed",
      message: "no demand",
    });
    await scaledJob("cron", { spec: { triggers: [{ type: "cron" }] } });
    expect((await explained("slot", "shop/cron")).state).toBe("NotOurs");
  });

  it("counts nodes that take jobs, and those that are free", async () => {
    await cluster.node("b1", "4", { "posture/eligible": "true", "posture/slot": "slot-1" });
    await cluster.node("b2", "4", { "posture/eligible": "true" });
    await scaledJob("frames");
    const slot = await explained("slot", "frames", "shop");
    expect(slot.state).toBe("Idle");
    expect(slot.numbers.slice(-2).map(({ value }) => value)).toEqual([2, 1]);
  });
});

describe("walras explain gpu", () => {
  it("tells whose it is, what was chosen and given, and how that differs", async () => {
    await cluster.crd(gpuSchedulingMapCrd());
    const path = "/apis/gpu.walras.io/v1alpha1/namespaces/shop/gpuschedulingmaps";
    const schedulingMap = [{ podIndex: 0, nodeName: "n1", gpuDevices: "0,1" }];
    await cluster.object(gpuSchedulingMapResource, "shop", {
      metadata: { name: "train" },
      spec: { workload: { name: "train" }, schedulingMap },
    });
    const placement = {
      podIndex: 0,
      pod: "train-0",
      node: "n1",
      enforcedBy: "device-plugin",
      intended: ["GPU-a", "GPU-b"],
      kubelet: ["GPU-a", "GPU-c"],
    };
    await cluster.status(`${path}/train`, {
      placements: [{ ...placement, drift: "the kubelet gave GPU-c instead of GPU-b" }],
    });
    const gpu = await explained("gpu", "n1:1");
    expect(gpu).toMatchObject({ state: "Drift", verdict: "shop/train-0 is on other GPUs than was chosen" });
    expect(gpu.reasons.map(({ message }) => message)).toEqual([
      "shop/train train-0: on n1, kept to it by device-plugin",
      "intended GPU-a,GPU-b; kubelet GPU-a,GPU-c; processes not known",
      "the kubelet gave GPU-c instead of GPU-b",
    ]);
    expect((await explained("gpu", "n1:3")).state).toBe("Unmapped");
    await expect(explained("gpu", "n1")).rejects.toThrow("is not NODE:INDEX");
  });

  it("does not know maps that are not installed", async () => {
    expect((await explained("gpu", "n1:0")).unknown[0]).toContain("GpuSchedulingMaps: not installed");
  });
});

describe("walras explain intent", () => {
  it("tells its objectives as numbers, its conditions and its last plan as reasons", async () => {
    await cluster.crd(intentCrd());
    const path = "/apis/ido.intel.com/v1alpha1/namespaces/shop/intents";
    const objectives = [{ name: "fast", value: 100, measuredBy: "shop/p99" }];
    await cluster.object(intentResource, "shop", {
      metadata: { name: "web" },
      spec: { targetRef: { name: "shop/web" }, objectives },
    });
    await cluster.status(`${path}/web`, {
      verdict: "Bounded",
      objectives: [
        { name: "fast", profile: "shop/p99", target: 100, current: 150, met: false, since: "2026-01-01T12:00:00.000Z" },
      ],
      conditions: [
        {
          type: "Degraded",
          status: "True",
          reason: "Refused",
          message: "a budget",
          lastTransitionTime: "2026-01-01T12:00:00Z",
        },
      ],
    });
    const intent = await explained("intent", "shop/web");
    expect(intent).toMatchObject({
      state: "Bounded",
      verdict: "Deployment shop/web: Bounded, fast missed",
      since: "2026-01-01T12:00:00.000Z",
    });
    expect(intent.numbers.map(({ name, value }) => [name, value])).toEqual([
      ["fast", 150],
      ["fast target", 100],
    ]);
    expect(intent.reasons).toEqual([{ reason: "Refused", message: "a budget" }]);
  });
});

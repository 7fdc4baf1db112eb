import { explanationSchema, gpuSchedulingMapCrd, intentCrd } from "@walras/api";
import { serveKind } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, it } from "vitest";

import { applied, marketCluster, plain, rationed, type TestCluster } from "../testing.ts";
import { explain, type ExplainOptions } from "./explain.ts";
import { printExplanation } from "./print.ts";

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await marketCluster();
});

const usual: ExplainOptions = { carlaNamespace: "carla", batchEligible: "posture/eligible=true" };

type Parameters4 = Parameters<typeof explain>;

/** Whatever is explained has the one shape. */
async function explained(kind: Parameters4[0], name: string, options: Partial<ExplainOptions> = {}) {
  return explanationSchema.parse(await explain(kind, name, { ...usual, ...options }, cluster));
}

const containers = [
  {
    name: "app",
    declaredCPURequest: "100m",
    declaredCPULimit: "500m",
    desiredCPURequest: "100m",
    desiredCPULimit: "790m",
  },
];

describe("walras explain pod", () => {
  it("tells why it has this much, since when, by which numbers, and what would change it", async () => {
    const uid = await cluster.managed({ name: "hog-0" }, { containers, desiredCPULimit: "790m" }, rationed);
    await cluster.event(
      { kind: "Pod", namespace: "shop", name: "hog-0", uid },
      { reason: "MarketRations", note: "used up" },
    );
    await cluster.event({ kind: "Pod", namespace: "shop", name: "hog-0", uid: "another" }, { reason: "Old", note: "" });
    const pod = await explained("pod", "shop/hog-0");
    expect(pod).toMatchObject({
      subject: { kind: "pod", namespace: "shop", name: "hog-0" },
      state: "Rationed",
      verdict: rationed.message,
      since: "2026-01-01T12:00:00.000Z",
      unknown: [],
      events: [{ reason: "MarketRations", message: "used up", count: 1 }],
    });
    expect(pod.reasons.map(({ reason }) => reason)).toEqual(["Rationed", "Capacity", "NodePriced"]);
    expect(pod.change).toContain("others on the node use less, or leave it");
    const numbers = Object.fromEntries(pod.numbers.map(({ name, value, unit }) => [name, `${value}${unit}`]));
    expect(numbers).toMatchObject({
      "declared request": "100m",
      "declared limit": "500m",
      "limit enforced": "790m",
      ration: "790m",
      wanted: "1650m",
      price: "4.976/core",
      credit: "-12.5core-s",
    });
    expect(pod.sources[0]).toMatchObject({ kind: "PodAllocation", namespace: "shop", name: "shop-hog-0" });
    expect(await explained("pod", "hog-0", { namespace: "shop" })).toEqual(pod);
  });

  it("tells who is not on the market, and how to put it there", async () => {
    await cluster.pod({ namespace: "other", name: "web" });
    const pod = await explained("pod", "other/web");
    expect([pod.state, pod.change]).toEqual(["NotManaged", ["kubectl -n other label pod web mbcas.io/managed=true"]]);
    expect(pod.verdict).toContain("neither it nor its namespace other");
  });

  it("does not take what was said of a predecessor of the same name for its own", async () => {
    await cluster.managed({ name: "web" }, { podUID: "gone" }, applied);
    expect(await explained("pod", "shop/web")).toMatchObject({ state: "Unknown", since: null });
  });

  it("says what it could not read", async () => {
    await cluster.managed({ name: "web" }, { containers }, applied);
    const send = cluster.send.bind(cluster);
    const { KubeError } = await import("@walras/kube");
    cluster.send = (request) =>
      request.path.includes("events")
        ? Promise.reject(new KubeError("no", { status: 403, reason: "Forbidden" }))
        : send(request);
    const pod = await explained("pod", "shop/web");
    expect(pod.unknown).toEqual(["Events: these credentials may not list them"]);
    expect([pod.state, pod.events]).toEqual(["Applied", []]);
  });

  it.each([
    ["shop/none", 'pod: "shop/none" is not there'],
    ["a/b/c", 'pod: "a/b/c" is not "name" or "namespace/name"'],
  ])("refuses %s", async (name, complaint) => {
    await expect(explained("pod", name)).rejects.toThrow(complaint);
  });
});

describe("walras explain node", () => {
  it("tells what is promised, at which price, and who is rationed", async () => {
    await cluster.managed({ name: "hog-0", request: "1500m" }, { containers }, rationed);
    await cluster.managed({ name: "web", request: "500m" }, { containers }, applied);
    await cluster.pod({ namespace: "other", name: "aside", request: "1" });
    await cluster.pod({ namespace: "other", name: "elsewhere", request: "2", node: "n2" });
    const node = await explained("node", "n1");
    expect(node.state).toBe("UsedUp");
    expect(node.verdict).toBe("its CPU is used up: 1 of 2 pods are rationed, at 4.976 a core");
    expect(node.reasons).toEqual([{ reason: "Rationed", message: `shop/hog-0: ${rationed.message}` }]);
    const numbers = new Map(node.numbers.map(({ name, value }) => [name, value]));
    expect([numbers.get("allocatable"), numbers.get("promised"), numbers.get("used")]).toEqual([4000, 3000, null]);
    expect(node.unknown).toEqual(["CPU in use: metrics.k8s.io is not served, or may not be read"]);
  });

  it("is not known while its agent is silent, whatever was said before", async () => {
    await cluster.managed({ name: "web", node: "n3" }, { containers }, applied);
    const uid = await cluster.node("n3", "2");
    const about = { kind: "Node", name: "n3", uid };
    await cluster.event(about, { reason: "AgentReporting", note: "is back", at: "2026-01-01T11:00:00.000000Z" });
    await cluster.event(about, { reason: "AgentSilent", note: "gone", type: "Warning" });
    expect(await explained("node", "n3")).toMatchObject({ state: "Unknown", since: "2026-01-01T12:00:00.000Z" });
  });

  it("has enough, or nobody on the market", async () => {
    await cluster.managed({ name: "web" }, { containers }, applied);
    expect((await explained("node", "n1")).state).toBe("Enough");
    expect((await explained("node", "n2")).state).toBe("NotManaged");
  });
});

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
  beforeEach(() => serveKind(cluster, { group: "keda.sh", kind: "ScaledJob", version: "v1alpha1" }));

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
    const slot = await explained("slot", "frames", { namespace: "shop" });
    expect(slot.state).toBe("Idle");
    expect(slot.numbers.slice(-2).map(({ value }) => value)).toEqual([2, 1]);
  });
});

describe("walras explain gpu", () => {
  it("tells whose it is, what was chosen and given, and how that differs", async () => {
    await cluster.crd(gpuSchedulingMapCrd());
    const path = "/apis/gpu.walras.io/v1alpha1/namespaces/shop/gpuschedulingmaps";
    const schedulingMap = [{ podIndex: 0, nodeName: "n1", gpuDevices: "0,1" }];
    await cluster.create(path, { metadata: { name: "train" }, spec: { workload: { name: "train" }, schedulingMap } });
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
    await cluster.create(path, { metadata: { name: "web" }, spec: { targetRef: { name: "shop/web" }, objectives } });
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

describe("an explanation as text", () => {
  it("begins with how it stands, then why, the numbers, what would change it, and where that is from", async () => {
    await cluster.managed({ name: "hog-0" }, { containers }, rationed);
    const lines = printExplanation(await explained("pod", "shop/hog-0"), plain).split("\n");
    expect(lines.slice(0, 2)).toEqual(["pod shop/hog-0: Rationed", `  ${rationed.message}`]);
    const heads = lines.filter((line) => line !== "" && !line.startsWith(" ")).slice(1);
    expect(heads).toEqual(["why", "numbers", "what would change it", "from"]);
    expect(lines.find((line) => line.includes("ration "))).toMatch(
      /^ {2}ration +790 {2}m +shop\/shop-hog-0\.status\.rationCPU$/,
    );
  });

  it("is coloured on a terminal that has colours", async () => {
    await cluster.managed({ name: "hog-0" }, { containers }, rationed);
    const explanation = await explained("pod", "shop/hog-0");
    expect(printExplanation(explanation, { width: 80, colour: true })).toContain("\u001B[31mRationed\u001B[0m");
  });
});

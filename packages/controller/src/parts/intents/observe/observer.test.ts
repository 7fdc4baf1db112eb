import { beforeEach, describe, expect, it } from "vitest";

import type { SeenIntent, Sight } from "../loop/ports.ts";
import { type Given, GivenCluster } from "./testing.ts";
import { StoreObserver } from "./observer.ts";
import { ProfileBook } from "./profiles.ts";

let cluster: GivenCluster;
let observer: StoreObserver;

beforeEach(() => {
  cluster = new GivenCluster();
  const profiles = new ProfileBook(cluster.stores.profiles, {
    queries: {
      "shop/p99": { query: "latency", endpoint: "" },
      "shop/availability": { query: "", endpoint: "" },
      "shop/empty": { query: "", endpoint: "" },
    },
    telemetryEndpoint: "http://prometheus/api/v1/query",
    isAllowed: (endpoint) => endpoint.startsWith("http://allowed/"),
    hasAgents: false,
  });
  const hosts = {
    of: (nodes: ReadonlySet<string>) => new Map([["cpu", new Map([...nodes].map((node) => [node, 0.5]))]]),
  };
  observer = new StoreObserver({ stores: cluster.stores, profiles, hosts });
  cluster.put("Deployment", "shop/web", { spec: { replicas: 2 } });
});

const objective = { name: "fast", value: 100, measuredBy: "shop/p99", tolerance: 0.1 };
const target = { targetRef: { kind: "Deployment", name: "shop/web" } };

function intent(key: string, spec: Given["spec"] = {}): void {
  cluster.put("Intent", key, { spec: { ...target, objectives: [objective], ...spec } });
}

const look = (): Sight => observer.look(10_000);

function only(): SeenIntent {
  const [seen, ...others] = look().intents;
  if (seen === undefined || others.length > 0) throw new Error("not one intent");
  return seen;
}

describe("an intent", () => {
  it("is seen with its workload, and with the defaults of what it leaves out", () => {
    intent("shop/fast");
    cluster.pod("shop/web-b", "web");
    cluster.pod("shop/web-a", "web");
    expect(only()).toMatchObject({
      generation: 1,
      ref: { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace: "shop", name: "fast" },
      intent: {
        name: "shop/fast",
        target: { kind: "Deployment", name: "shop/web" },
        granted: false,
        priority: 0.01,
        active: true,
        objectives: [{ name: "fast", profile: "shop/p99", target: 100, tolerance: 0.1 }],
        pods: [
          { name: "web-a", availability: 1, node: "n1", phase: "Running", ready: true, qosClass: "BestEffort" },
          { name: "web-b" },
        ],
        data: new Map([["cpu", new Map([["n1", 0.5]])]]),
      },
      target: {
        ref: { apiVersion: "apps/v1", kind: "Deployment", uid: "Deployment shop/web" },
        generation: 1,
        replicas: 2,
        pods: [{ name: "web-a", uid: "Pod shop/web-a" }, { name: "web-b" }],
        rivals: [],
      },
    });
  });

  it("has no workload where there is none", () => {
    intent("shop/fast", { targetRef: { name: "shop/nowhere" } });
    expect(only()).toMatchObject({ intent: { target: { kind: "Deployment" }, pods: [] }, target: null });
  });

  it.each([
    [{ targetRef: { name: "web" } }, 'spec.targetRef.name: "web" is not namespace/name'],
    [{ targetRef: { name: 'shop/web"}' } }, 'spec.targetRef.name: "shop/web\\"}" is not namespace/name'],
    [{ targetRef: { kind: "Job", name: "shop/web" } }, 'spec.targetRef.kind: "Job" is not valid'],
    [{ priority: 2 }, "spec.priority: 2 is not valid"],
    [{ objectives: [] }, "spec.objectives: [] is not valid"],
    [
      { objectives: [{ ...objective, measuredBy: "p99" }] },
      'spec.objectives.0.measuredBy: "p99" is not namespace/name',
    ],
    [{ objectives: [{ ...objective, value: "fast" }] }, 'spec.objectives.0.value: "fast" is not valid'],
  ])("that is wrong is told with field and value, and stops no other: %#", (spec, problem) => {
    intent("shop/bad", spec);
    intent("shop/fast");
    const { bad, intents } = look();
    expect(bad).toMatchObject([{ ref: { name: "bad" }, generation: 1, problem: expect.stringContaining(problem) }]);
    expect(intents.map(({ ref }) => ref.name)).toEqual(["fast"]);
  });

  it("may be about a workload of another namespace that grants it", () => {
    intent("team/fast");
    expect(only().intent.granted).toBe(false);
    const grant = { "ido.intel.com/allow-intents-from": "ops, team" };
    cluster.put("Deployment", "shop/web", { metadata: { annotations: grant } });
    expect(only().intent.granted).toBe(true);
  });
});

describe("pods of a workload", () => {
  beforeEach(() => intent("shop/fast"));

  it("are those that serve or are about to", () => {
    cluster.pod("shop/running", "web");
    cluster.pod("shop/pending", "web", { spec: { nodeName: undefined }, status: { phase: "Pending", conditions: [] } });
    cluster.pod("shop/ending", "web", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
    cluster.pod("shop/failed", "web", { status: { phase: "Failed" } });
    cluster.pod("shop/of-another", "api");
    cluster.pod("other/of-another", "web");
    expect(only().intent.pods).toMatchObject([{ name: "pending", node: null }, { name: "running" }]);
    cluster.remove("shop/running");
    expect(only().target?.pods.map(({ name }) => name)).toEqual(["pending"]);
  });

  it("of a ReplicaSet are its own, also where a Deployment has made it", () => {
    const owner = { kind: "Deployment", name: "web", controller: true };
    cluster.put("ReplicaSet", "shop/web-5d8f", { metadata: { ownerReferences: [owner] }, spec: { replicas: 1 } });
    cluster.pod("shop/new", "web");
    cluster.pod("shop/old", "web", {
      metadata: {
        labels: { "pod-template-hash": "77" },
        ownerReferences: [{ kind: "ReplicaSet", name: "web-77", controller: true }],
      },
    });
    intent("shop/fast", { targetRef: { kind: "ReplicaSet", name: "shop/web-5d8f" } });
    expect(only().intent.pods.map(({ name }) => name)).toEqual(["new"]);
  });

  it("declare resources in thousandths: those of the newest that is ready", () => {
    const container = (cpu: string): object => ({
      name: "app",
      resources: { requests: { cpu, memory: "64Mi" }, limits: { cpu: "2" } },
    });
    const sidecar = { name: "proxy", resources: { limits: { "power.intel.com/performance1": "1" } } };
    cluster.pod("shop/old", "web", { spec: { containers: [container("100m")] } });
    cluster.pod("shop/new", "web", { spec: { containers: [container("1500m"), sidecar] } });
    cluster.pod("shop/starting", "web", { status: { conditions: [] } });
    expect(Object.fromEntries(only().intent.resources)).toEqual({
      "0_cpu_requests": 1_500,
      "0_memory_requests": 64 * 2 ** 20 * 1_000,
      "0_cpu_limits": 2_000,
      "1_power.intel.com/performance1_limits": 1_000,
    });
  });

  it("have annotations, without what repeats the object", () => {
    const annotations = { "rdt/class": "COS1", "kubectl.kubernetes.io/last-applied-configuration": "{}" };
    cluster.pod("shop/a", "web", { metadata: { annotations } });
    expect(Object.fromEntries(only().intent.annotations)).toEqual({ "rdt/class": "COS1" });
  });
});

it("free CPU is what is allocatable and not counted for pods; none where the node is not ready", () => {
  const ready = { allocatable: { cpu: "4" }, conditions: [{ type: "Ready", status: "True" }] };
  cluster.put("Node", "n1", { status: ready });
  cluster.put("Node", "n2", { status: { allocatable: { cpu: "4" } } });
  const containers = [{ name: "app", resources: { requests: { cpu: "700m" } } }];
  cluster.pod("shop/a", "web", { spec: { containers } });
  cluster.pod("shop/done", "web", { spec: { containers }, status: { phase: "Succeeded" } });
  expect(look().freeMilli).toEqual(
    new Map([
      ["n1", 3_300],
      ["n2", 0],
    ]),
  );
});

describe("who else decides about a workload", () => {
  const rivals = (): unknown => only().target?.rivals;
  const scaleTargetRef = { kind: "Deployment", name: "web" };
  beforeEach(() => {
    intent("shop/fast");
    cluster.pod("shop/a", "web", { spec: { containers: [{ name: "app" }, { name: "proxy" }] } });
  });

  it("is a HorizontalPodAutoscaler, by whatever it scales", () => {
    const metrics = [{ type: "External", external: {} }];
    cluster.put("HorizontalPodAutoscaler", "shop/hpa", { spec: { scaleTargetRef, metrics } });
    cluster.put("HorizontalPodAutoscaler", "shop/other", {
      spec: { scaleTargetRef: { kind: "Deployment", name: "x" } },
    });
    expect(rivals()).toEqual([{ kind: "HorizontalPodAutoscaler", name: "shop/hpa", of: "replicas" }]);
  });

  it("is KEDA once, by its ScaledObject, unless that is paused", () => {
    const metadata = { ownerReferences: [{ kind: "ScaledObject", name: "queue" }] };
    cluster.put("HorizontalPodAutoscaler", "shop/keda-hpa-queue", { metadata, spec: { scaleTargetRef } });
    cluster.put("ScaledObject", "shop/queue", { spec: { scaleTargetRef: { name: "web" } } });
    const annotations = { "autoscaling.keda.sh/paused": "true" };
    cluster.put("ScaledObject", "shop/paused", { metadata: { annotations }, spec: { scaleTargetRef } });
    expect(rivals()).toEqual([{ kind: "ScaledObject", name: "shop/queue", of: "replicas" }]);
  });

  it("is a VerticalPodAutoscaler that sets the CPU of the last container", () => {
    const spec = (containerName: string): NonNullable<Given["spec"]> => ({
      targetRef: scaleTargetRef,
      resourcePolicy: {
        containerPolicies: [
          { containerName: "*", mode: "Off" },
          { containerName, mode: "Auto" },
        ],
      },
    });
    cluster.put("VerticalPodAutoscaler", "shop/of-app", { spec: spec("app") });
    cluster.put("VerticalPodAutoscaler", "shop/of-proxy", { spec: spec("proxy") });
    expect(rivals()).toEqual([{ kind: "VerticalPodAutoscaler", name: "shop/of-proxy", of: "cpu" }]);
  });
});

describe("profiles", () => {
  const told = (): unknown =>
    Object.fromEntries(
      new ProfileBook(cluster.stores.profiles, {
        queries: { "shop/p99": { query: "q", endpoint: "" }, "shop/empty": { query: "", endpoint: "" } },
        telemetryEndpoint: "http://prometheus/query",
        isAllowed: (endpoint) => endpoint.startsWith("http://allowed/"),
        hasAgents: true,
      })
        .all()
        .map(({ ref, reason, isTold }) => [ref.name, `${reason}${isTold ? ", told" : ""}`]),
    );

  it("are those that can be measured; of the others it is said why", () => {
    const external = { type: "latency", query: "up" };
    const put = (name: string, spec: object, status: object = {}): void =>
      cluster.put("KPIProfile", `shop/${name}`, { spec: { ...spec }, status: { ...status } });
    put("p99", { type: "latency" }, { resolved: true, reason: "ok" });
    put("availability", { type: "availability", minimize: false });
    put("empty", { type: "latency" });
    put("none", { type: "latency" });
    put("external", { ...external, props: { endpoint: "http://allowed/q", port: 5 } });
    put("half", external);
    put("elsewhere", { ...external, props: { endpoint: "http://169.254.169.254/latest" } });
    put("odd", { ...external, props: { endpoint: 5 } });
    put("used", { type: "throughput", query: "walras:cpu" });
    put("wrong", { type: "carbon" });
    expect(told()).toEqual({
      p99: "ok, told",
      availability: "ok",
      empty: "the planner's queries have an empty one for shop/empty",
      none: "Both a endpoint and a query need to be defined.",
      external: "ok",
      used: "ok",
      half: "Both a endpoint and a query need to be defined.",
      elsewhere: 'spec.props.endpoint: "http://169.254.169.254/latest" is at none of the hosts that are allowed',
      odd: "spec.props.endpoint: 5 is not a URL",
      wrong: expect.stringContaining('spec.type: "carbon" is not valid') as string,
    });
    expect(look().profiles).toEqual(
      new Map([
        ["shop/p99", { type: "latency", minimize: true }],
        ["shop/availability", { type: "availability", minimize: false }],
        ["shop/external", { type: "latency", minimize: true }],
      ]),
    );
  });
});

import { seededRng, type VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { JsonMap, KubeObject } from "../apiserver/index.ts";
import { mapsOf } from "../apiserver/objects/model.ts";
import { failureOf, testServer } from "../apiserver/testing.ts";
import { StoreWriter } from "../cluster/storeWriter.ts";
import { Kubelet } from "./kubelet.ts";
import { Machine } from "./machine.ts";
import { nodeObject } from "./nodeObject.ts";

const layout = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
const facts = {
  name: "n1",
  cores: 4,
  allocatableMilli: 4000,
  memoryBytes: 8 * 2 ** 30,
  layout,
  bootId: "b",
  address: "192.0.2.1",
  podNetwork: "10.244.1",
  labels: {},
};

interface Bed {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  readonly pod: (name: string, cpu: Cpu | readonly Cpu[], extra?: Extra) => Promise<KubeObject>;
  readonly resize: (name: string, cpu: Cpu | readonly Cpu[]) => Promise<KubeObject>;
  readonly remove: (name: string) => Promise<KubeObject>;
  readonly read: (name: string) => Promise<KubeObject>;
  readonly events: () => Promise<readonly JsonMap[]>;
  readonly quotas: (name: string) => readonly number[];
}

type Cpu = readonly [request: number, limit?: number];
interface Extra {
  readonly guaranteed?: boolean;
  readonly metadata?: object;
  readonly spec?: object;
  readonly container?: object;
}

const pods = "/api/v1/namespaces/default/pods";
const settled = 1000;

function resourcesOf([request, limit]: Cpu, guaranteed: boolean): object {
  const memory = guaranteed ? { memory: "64Mi" } : {};
  const limits = limit === undefined ? {} : { limits: { cpu: `${limit}m`, ...memory } };
  return { requests: { cpu: `${request}m`, ...memory }, ...limits };
}

function several(cpu: Cpu | readonly Cpu[]): readonly Cpu[] {
  return typeof cpu[0] === "number" ? [cpu as Cpu] : (cpu as readonly Cpu[]);
}

function containers(cpu: Cpu | readonly Cpu[], { guaranteed = false, container = {} }: Extra): object[] {
  return several(cpu).map((one, index) => ({
    name: `c${index}`,
    image: "app:1",
    resources: resourcesOf(one, guaranteed),
    ...container,
  }));
}

/** A node whose API server knows no Node object, so that only the kubelet judges capacity. */
async function bed(options: { staticCpuManager?: boolean } = {}): Promise<Bed> {
  const test = testServer();
  const { server, clock } = test;
  const machine = new Machine({ cores: 4, allocatableMilli: 4000, layout });
  const rng = seededRng(3);
  const writer = new StoreWriter({ store: server.store, clock, rng });
  const kubelet = new Kubelet({ facts, writer, runtime: machine, clock, rng, seed: 1, ...options });
  server.store.onChange(({ type, collection, object }) => {
    if (collection !== "pods" || object.spec?.["nodeName"] !== "n1") return;
    if (type === "DELETED") kubelet.podGone(object.metadata.uid ?? "");
    else kubelet.podChanged(object);
  });
  const guaranteedPods = new Set<string>();
  return {
    clock,
    machine,
    kubelet,
    pod: async (name, cpu, extra = {}) => {
      if (extra.guaranteed) guaranteedPods.add(name);
      const spec = { nodeName: "n1", containers: containers(cpu, extra), ...extra.spec };
      await test.create(pods, { metadata: { name, ...extra.metadata }, spec });
      await clock.advance(settled);
      return test.get(`${pods}/${name}`);
    },
    resize: (name, cpu) => {
      const spec = {
        containers: several(cpu).map((one, index) => ({
          name: `c${index}`,
          resources: resourcesOf(one, guaranteedPods.has(name)),
        })),
      };
      return test.patch(`${pods}/${name}/resize`, { spec }, "strategic");
    },
    remove: (name) => test.remove(`${pods}/${name}`),
    read: (name) => test.get(`${pods}/${name}`),
    events: async () => mapsOf((await test.get("/api/v1/namespaces/default/events"))["items"]),
    quotas: (name) =>
      machine
        .truth()
        .filter(({ pod }) => pod === name)
        .map(({ market }) => market.quotaCores),
  };
}

function condition(pod: KubeObject, type: string): JsonMap | undefined {
  return mapsOf(pod.status?.["conditions"]).find((one) => one["type"] === type);
}

function actual(pod: KubeObject): unknown[] {
  return mapsOf(pod.status?.["containerStatuses"]).map((status) => status["resources"]);
}

describe("a simulated kubelet runs pods", () => {
  it("says of a running pod what the real one says", async () => {
    const { pod } = await bed();
    const running = await pod("web", [100, 200]);
    expect(running.status).toMatchObject({
      phase: "Running",
      hostIP: "192.0.2.1",
      podIP: "10.244.1.1",
      qosClass: "Burstable",
      observedGeneration: 1,
    });
    expect(condition(running, "Ready")).toMatchObject({ status: "True", observedGeneration: 1 });
    const [status] = mapsOf(running.status?.["containerStatuses"]);
    expect(status).toMatchObject({
      name: "c0",
      ready: true,
      restartCount: 0,
      allocatedResources: { cpu: "100m" },
      resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
    });
    expect(status?.["containerID"]).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  });

  it("turns away a pod that does not fit beside the others", async () => {
    const { pod } = await bed();
    await pod("first", [3000]);
    const second = await pod("second", [1500]);
    expect(second.status).toMatchObject({
      phase: "Failed",
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000",
    });
  });

  it("stops a deleted pod within its grace and lets it go", async () => {
    const { pod, remove, clock, machine, read } = await bed();
    await pod("web", [100]);
    await remove("web");
    expect((await read("web")).metadata.deletionTimestamp).toBeDefined();
    await clock.advance(settled);
    expect((await failureOf(read("web"))).status).toBe(404);
    expect(machine.truth()).toEqual([]);
  });

  it("gives a restarted container a new id, one more restart and fresh counters", async () => {
    const { pod, kubelet, read, machine } = await bed();
    const before = await pod("web", [100], {
      metadata: { annotations: { "sim.walras.dev/load.c0": '{"demand":{"kind":"constant","cores":1}}' } },
    });
    machine.advance(0, 1000);
    expect(machine.truth()[0]?.market.usedUsec).toBe(1_000_000);
    expect(kubelet.restartContainer(before.metadata.uid ?? "", "c0")).toBe(true);
    const [old, now] = [before, await read("web")].map((one) => mapsOf(one.status?.["containerStatuses"])[0]);
    expect(now).toMatchObject({ restartCount: 1 });
    expect(now?.["containerID"]).not.toBe(old?.["containerID"]);
    expect(machine.truth()[0]?.market.usedUsec).toBe(0);
    expect(kubelet.restartContainer("nobody", "c0")).toBe(false);
  });

  it("runs a pod whose load cannot be read as an idle one and says so", async () => {
    const { pod, events } = await bed();
    const odd = await pod("odd", [100], { metadata: { annotations: { "sim.walras.dev/load.c0": "{}" } } });
    expect(odd.status?.["phase"]).toBe("Running");
    expect(await events()).toMatchObject([
      { reason: "InvalidLoad", message: expect.stringContaining("sim.walras.dev/load.c0") },
    ]);
  });
});

describe("a simulated kubelet resizes pods", () => {
  it("is in progress, then in the cgroup within 40 ms, then in the status within 170 ms", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("web", [100, 200]);
    await resize("web", [150, 330]);
    await clock.advance(15);
    const during = await read("web");
    expect(condition(during, "PodResizeInProgress")).toMatchObject({ status: "True", observedGeneration: 2 });
    expect(actual(during)).toEqual([{ requests: { cpu: "100m" }, limits: { cpu: "200m" } }]);
    expect(quotas("web")).toEqual([0.2]);
    await clock.advance(26);
    expect(quotas("web")).toEqual([0.33]);
    await clock.advance(130);
    const after = await read("web");
    expect(condition(after, "PodResizeInProgress")).toBeUndefined();
    expect(actual(after)).toEqual([{ requests: { cpu: "150m" }, limits: { cpu: "330m" } }]);
    expect(after.status?.["observedGeneration"]).toBe(2);
  });

  it("defers what does not fit now, and says beside whom", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    const deferred = await read("web");
    expect(condition(deferred, "PodResizePending")).toMatchObject({
      reason: "Deferred",
      observedGeneration: 2,
      message: "Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000",
    });
    expect(quotas("web")).toEqual([1]);
  });

  it("refuses for good what the node can never hold", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toMatchObject({
      reason: "Infeasible",
      message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
    });
  });

  it("drops the condition when an infeasible desire is taken back", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    await resize("web", [500, 1000]);
    await clock.advance(settled);
    const reverted = await read("web");
    expect(condition(reverted, "PodResizePending")).toBeUndefined();
    expect(reverted.status?.["observedGeneration"]).toBe(3);
  });

  it("refuses Guaranteed pods beside the static CPU manager, and no others", async () => {
    const { pod, resize, read, clock } = await bed({ staticCpuManager: true });
    await pod("pinned", [500, 500], { guaranteed: true });
    await pod("loose", [500, 1000]);
    await resize("pinned", [600, 600]);
    await resize("loose", [600, 1000]);
    await clock.advance(settled);
    expect(condition(await read("pinned"), "PodResizePending")).toMatchObject({
      reason: "Infeasible",
      message: "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy",
    });
    expect(actual(await read("loose"))).toMatchObject([{ requests: { cpu: "600m" } }]);
  });

  it("retries a deferred resize as soon as another resize has completed", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    await resize("neighbour", [2000]);
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toBeUndefined();
    expect(actual(await read("web"))).toMatchObject([{ requests: { cpu: "1500m" } }]);
  });

  it("does not use what a shrinking pod still holds before its resize is done", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("neighbour", [2000]);
    await resize("web", [1500, 2000]);
    await clock.advance(60);
    expect(condition(await read("web"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toBeUndefined();
  });

  it("retries when a pod is removed", async () => {
    const { pod, resize, read, remove, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    await remove("neighbour");
    await clock.advance(settled);
    expect(actual(await read("web"))).toMatchObject([{ requests: { cpu: "1500m" } }]);
  });

  it("lets a small pending resize pass a blocked one of higher priority", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [2600]);
    await pod("big", [500, 3000], { spec: { priority: 1000 } });
    await pod("small", [500, 3000]);
    await resize("big", [3000, 3000]);
    await resize("small", [1200, 3000]);
    await clock.advance(settled);
    await resize("neighbour", [2000]);
    await clock.advance(settled);
    expect(condition(await read("big"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    expect(actual(await read("small"))).toMatchObject([{ requests: { cpu: "1200m" } }]);
  });

  it("takes all containers of a pod or none", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("neighbour", [2000]);
    await pod("pair", [
      [500, 1000],
      [500, 1000],
    ]);
    await resize("pair", [
      [300, 400],
      [1900, 2000],
    ]);
    await clock.advance(settled);
    expect(condition(await read("pair"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    expect(quotas("pair")).toEqual([1, 1]);
  });

  it("restarts a container whose resize policy asks for it", async () => {
    const { pod, resize, read, clock } = await bed();
    const container = { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] };
    await pod("stiff", [500, 1000], { container });
    await resize("stiff", [600, 1000]);
    await clock.advance(settled);
    expect(mapsOf((await read("stiff")).status?.["containerStatuses"])).toMatchObject([{ restartCount: 1 }]);
  });

  it("rounds quotas up to 10 m and reports the limit that was asked for", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("web", [100, 200]);
    await resize("web", [100, 333]);
    await clock.advance(settled);
    expect(quotas("web")).toEqual([0.34]);
    expect(actual(await read("web"))).toMatchObject([{ limits: { cpu: "333m" } }]);
  });

  it("tells of each resize by an event", async () => {
    const { pod, resize, events, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [600, 1000]);
    await clock.advance(settled);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    const reasons = (await events()).map((event) => event["reason"]);
    expect(new Set(reasons)).toEqual(new Set(["ResizeStarted", "ResizeCompleted", "ResizeInfeasible"]));
  });
});

describe("a node object", () => {
  it("is taken by the API server and is ready", async () => {
    const node = await testServer().create("/api/v1/nodes", nodeObject(facts, "2026-01-01T00:00:00Z"));
    expect(node.status).toMatchObject({ allocatable: { cpu: "4", memory: "8Gi" }, capacity: { cpu: "4" } });
    expect(condition(node, "Ready")).toMatchObject({ status: "True", reason: "KubeletReady" });
  });
});

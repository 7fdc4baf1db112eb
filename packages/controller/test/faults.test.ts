import { GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";
import { afterEach, describe, expect, it } from "vitest";

import { startWorld, type World } from "./world.ts";

const worlds: World[] = [];
const patience = { timeout: 20_000, interval: 100 };

async function world(input: object, without: readonly string[] = []): Promise<World> {
  const started = await startWorld(input, without);
  worlds.push(started);
  return started;
}

afterEach(async () => {
  for (const one of worlds.splice(0)) await one.stop();
});

/** A managed pod on a node, and what it demands. */
function aPod(
  name: string,
  node: string,
  demand: object,
  cpu: { request: string; limit: string } = { request: "50m", limit: "100m" },
): object {
  const amounts = (quantity: string): object => ({ cpu: quantity, memory: "64Mi" });
  return {
    name,
    node,
    labels: { "mbcas.io/managed": "true" },
    containers: [{ requests: amounts(cpu.request), limits: amounts(cpu.limit), load: { parallelism: 1, demand } }],
  };
}

/** An agent of node "liar" that says what it is told to about these pods. */
function liar(port: number, podUids: readonly string[], containerId: string): (usageMilli: number) => void {
  const dialer = new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security: { insecure: true } });
  const stream = dialer.dial({ message: () => undefined, closed: () => undefined }, false);
  const hello = {
    nodeName: "liar",
    bootId: "b",
    agentVersion: "lies",
    cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
    pressureAvailable: true,
    // What the Node object says of its CPU is what counts.
    inventory: { cpuModel: "", cpuCount: 4096, memoryBytes: 0, os: "", kernel: "" },
  };
  stream.send({ message: { $case: "hello", value: hello } }, () => undefined);
  let sequence = 0;
  const introduced = podUids.map((podUid, index) => ({
    handle: index + 1,
    podUid,
    containerId: `${containerId}${index || ""}`,
    runtime: "",
  }));
  return (usageMilli) => {
    sequence += 1;
    const samples = {
      handle: [1, 2],
      usageMilli: [usageMilli, 10],
      throttledPermille: [-1, -1],
      throttledMilli: [0, 0],
      pressurePermille: [-1, -1],
    };
    const value = {
      sequence,
      full: true,
      windowMillis: 1000,
      capturedUnixMillis: NaN,
      introduced,
      gone: [],
      samples,
      limits: [],
    };
    stream.send({ message: { $case: "report", value } }, () => undefined);
  };
}

const hungry = { kind: "constant", cores: 0.5 };

function quota(one: World, pod: string): number {
  return one.container(pod)?.market.quotaCores ?? NaN;
}

describe("the controller on a cluster that fails", () => {
  it("goes on after its watches broke and history was compacted", { timeout: 40_000 }, async () => {
    const late = { kind: "step", before: 0.05, after: 0.5, atSeconds: 5 };
    const one = await world({
      name: "t",
      nodes: [{ name: "a" }],
      pods: [aPod("first", "a", hungry), aPod("late", "a", late)],
    });
    await expect.poll(() => quota(one, "first"), patience).toBeGreaterThan(0.45);
    one.cluster.inject({ kind: "expireHistory", atSeconds: 0 });
    one.cluster.inject({ kind: "dropWatches", atSeconds: 0 });
    await expect.poll(() => quota(one, "late"), patience).toBeGreaterThan(0.45);
    const expired = /walras_watch_restarts_total\{.*reason="expired"\} [1-9]/;
    await expect.poll(() => one.metrics(), patience).toMatch(expired);
  });

  it(
    "does not believe an agent that reports nonsense, names it, and serves the other nodes",
    { timeout: 40_000 },
    async () => {
      const nodes = [{ name: "liar" }, { name: "honest" }];
      const late = { kind: "step", before: 0.05, after: 0.5, atSeconds: 4 };
      const one = await world(
        { name: "t", nodes, pods: [aPod("lied-about", "liar", hungry), aPod("served", "honest", late)] },
        ["liar"],
      );
      await expect.poll(() => one.container("lied-about")?.containerId, patience).toBeTruthy();
      const { podUid, containerId } = one.container("lied-about")!;
      const lie = liar(one.agentPort, [podUid, "foreign-pod"], containerId);
      for (const usageMilli of [2_000_000, -5, 2 ** 31 - 1]) lie(usageMilli);
      await expect.poll(() => one.metrics(), patience).toMatch(/rejections_total\{reason="OverCapacity"\} [2-9]/);
      expect(await one.metrics()).toMatch(/rejections_total\{reason="BadNumber"\} [1-9]/);
      expect(await one.metrics()).toMatch(/rejections_total\{reason="ForeignPod"\} [1-9]/);
      await expect.poll(() => quota(one, "served"), patience).toBeGreaterThan(0.45);
      expect(quota(one, "lied-about")).toBe(0.1);
      const reasons = (): unknown[] =>
        [...one.cluster.api.store.all("events")].map((event) => (event as { reason?: unknown }).reason);
      await expect.poll(reasons, patience).toContain("AgentReportRejected");
    },
  );

  it(
    "reverts what a static CPU manager refuses, says so, and leaves the pod alone from then on",
    { timeout: 40_000 },
    async () => {
      const nodes = [{ name: "a", staticCpuManager: true }];
      const guaranteed = aPod("pinned", "a", { kind: "constant", cores: 2 }, { request: "1", limit: "1" });
      const one = await world({ name: "t", nodes, pods: [guaranteed] });
      const status = (): { phase?: string; reason?: string } => one.allocation("pinned")?.status ?? {};
      await expect.poll(() => status().reason, patience).toBe("StaticManager");
      expect(status().phase).toBe("Pending");
      const desired = (): unknown =>
        JSON.stringify(one.cluster.api.store.get("pods", "default", "pinned")?.spec?.["containers"]);
      await expect.poll(desired, patience).toContain('"limits":{"cpu":"1"');
      const generation = one.cluster.api.store.get("pods", "default", "pinned")?.metadata.generation;
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(one.cluster.api.store.get("pods", "default", "pinned")?.metadata.generation).toBe(generation);
      expect(quota(one, "pinned")).toBe(1);
    },
  );
});

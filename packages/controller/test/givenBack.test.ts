import type { SimCluster } from "@walras/sim";
import { afterEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const patience = { timeout: 25_000, interval: 100 };
const allocations = "/apis/allocation.mbcas.io/v1alpha1/namespaces/default/podallocations";

function aPod(name: string, node: string, [request, limit]: [string, string], cores: number): object {
  const load = { parallelism: 2, demand: { kind: "constant", cores } };
  const containers = [{ requests: { cpu: request }, limits: { cpu: limit }, load }];
  return { name, node, labels: { "mbcas.io/managed": "true" }, containers };
}

/** What a controller before this one has made of a pod that declared so much. */
async function squeezed(cluster: SimCluster, pod: string, [request, limit]: [string, string]): Promise<void> {
  const kubectl = new Kubectl(cluster);
  const [desiredCPURequest, desiredCPULimit] = kubectl.cpu(pod).split("/");
  const desired = { desiredCPURequest, desiredCPULimit };
  const app = { name: "app", declaredCPURequest: request, declaredCPULimit: limit, ...desired };
  const podUID = kubectl.pod(pod)?.metadata.uid;
  await kubectl.create(allocations, {
    apiVersion: "allocation.mbcas.io/v1alpha1",
    kind: "PodAllocation",
    metadata: { name: `default-${pod}`, namespace: "default" },
    spec: { namespace: "default", podName: pod, podUID, ...desired, containers: [app] },
  });
}

function declaredOf(kubectl: Kubectl, pod: string): unknown {
  const spec = kubectl.allocation(pod)?.spec;
  return (spec?.["containers"] as Record<string, unknown>[] | undefined)?.[0]?.["declaredCPURequest"];
}

it("what was declared survives the deletion of its record, and is given back", { timeout: 60_000 }, async () => {
  const pods = [aPod("web", "n", ["30m", "50m"], 0.01)];
  world = await startWorld({ name: "t", nodes: [{ name: "n" }], pods }, [], (cluster) =>
    squeezed(cluster, "web", ["300m", "600m"]),
  );
  const kubectl = new Kubectl(world.cluster);
  await expect.poll(() => kubectl.allocation("web")?.status?.["phase"], patience).toBeDefined();
  const before = kubectl.allocation("web")?.metadata.uid;
  await kubectl.remove(`${allocations}/default-web`);
  const isNew = (): boolean => ![undefined, before].includes(kubectl.allocation("web")?.metadata.uid);
  await expect.poll(isNew, patience).toBe(true);
  expect(declaredOf(kubectl, "web")).toBe("300m");
  await kubectl.remove(`${allocations}/default-web`);
  await kubectl.labelPod("web", { "mbcas.io/managed": "false" });
  await expect.poll(() => kubectl.cpu("web"), patience).toBe("300m/600m");
});

it(
  "a pod whose agent a fresh controller never hears of has what was declared after half a minute",
  { timeout: 90_000 },
  async () => {
    const pods = [aPod("silent", "n", ["10m", "50m"], 0.3)];
    world = await startWorld({ name: "t", nodes: [{ name: "n" }], pods }, ["n"], (cluster) =>
      squeezed(cluster, "silent", ["200m", "400m"]),
    );
    const kubectl = new Kubectl(world.cluster);
    await expect.poll(() => kubectl.allocation("silent")?.status?.["reason"], patience).toBe("Unknown");
    expect(kubectl.cpu("silent")).toBe("10m/50m");
    await expect.poll(() => kubectl.cpu("silent"), { ...patience, timeout: 60_000 }).toBe("200m/400m");
  },
);

it("who opts out beside hungry neighbours has its request back within seconds", { timeout: 60_000 }, async () => {
  const hungry = ["x", "y", "z"].map((name) => aPod(name, "n", ["400m", "600m"], 1.5));
  const pods = [aPod("quiet", "n", ["10m", "50m"], 0.01), ...hungry];
  world = await startWorld({ name: "t", nodes: [{ name: "n", cores: 2 }], pods }, [], (cluster) =>
    squeezed(cluster, "quiet", ["500m", "1"]),
  );
  const kubectl = new Kubectl(world.cluster);
  await expect.poll(() => kubectl.allocation("quiet")?.status?.["phase"], patience).toBeDefined();
  await kubectl.labelPod("quiet", { "mbcas.io/managed": "false" });
  await expect.poll(() => kubectl.cpu("quiet"), { ...patience, timeout: 10_000 }).toBe("500m/1");
  await expect.poll(() => kubectl.allocation("quiet"), patience).toBeUndefined();
});

it(
  "a node whose object is deleted under its pods is held, told, and forgotten with its pods",
  { timeout: 60_000 },
  async () => {
    const pods = [aPod("held", "gone", ["200m", "400m"], 0.3), aPod("other", "stays", ["100m", "200m"], 0.05)];
    world = await startWorld({ name: "t", nodes: [{ name: "gone" }, { name: "stays" }], pods });
    const one = world;
    const kubectl = new Kubectl(one.cluster);
    await expect.poll(() => kubectl.allocation("held")?.status?.["phase"], patience).toBe("Applied");
    const before = kubectl.cpu("held");
    await kubectl.remove("/api/v1/nodes/gone");
    await expect.poll(() => kubectl.allocation("held")?.status?.["reason"], patience).toBe("NodeUnknown");
    await expect.poll(() => kubectl.eventsOn("held"), patience).toContain("MarketLeavesAlone");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(kubectl.cpu("held")).toBe(before);
    const nodes = async (): Promise<string[]> => {
      const { nodes: seen } = (await (await fetch(`${one.opsUrl}/market`)).json()) as { nodes: { node: string }[] };
      return seen.map(({ node }) => node).toSorted();
    };
    expect(await nodes()).toEqual(["gone", "stays"]);
    await kubectl.remove("/api/v1/namespaces/default/pods/held");
    await expect.poll(nodes, patience).toEqual(["stays"]);
  },
);

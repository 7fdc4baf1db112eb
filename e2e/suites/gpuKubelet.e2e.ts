import { join } from "node:path";

import { resources } from "@walras/kube";
import { KubeletPodResources } from "@walras/node-agent/podresources";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { devicePlugin } from "../harness/devicePlugin.ts";
import { DraDriver } from "../harness/draDriver.ts";
import { GpuNodes, gpuSet, processWith, type ShownGpu } from "../harness/gpus.ts";
import type { KubeletPlugin } from "../harness/kubeletPlugin.ts";
import type { Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const node = "node2";
const resource = "nvidia.com/gpu";
const driverName = "gpu.nvidia.com";

let stage: Stage;
let nodes: GpuNodes;
let agent: Program;
let socket: string;
let kubelet: KubeletPodResources;
/** Half of the GPUs are a plugin's, and half a driver's. */
let plugged: readonly ShownGpu[];
let published: readonly ShownGpu[];
let plugin: KubeletPlugin;
let driver: DraDriver;

/** The UUID of the GPU that each container of the test holds, by its pod, as the agent tells. */
async function holders(): Promise<ReadonlyMap<string, string>> {
  const shown = await nodes.shown(node);
  return new Map(
    shown.flatMap(({ uuid, holders: all }) =>
      all.flatMap(({ namespace, pod, by }) =>
        namespace === stage.namespace && by === "kubelet" ? [[pod, uuid] as const] : [],
      ),
    ),
  );
}

/** The kubelet tells who holds what before it starts any container. */
function programOf(pod: string): ReturnType<typeof processWith> {
  return eventually(
    `the program of ${pod}`,
    () => processWith("POD", `${stage.namespace}/${pod}`),
    (program) => program !== null,
    60_000,
  );
}

const uuids = (gpus: readonly ShownGpu[]): readonly string[] => gpus.map(({ uuid }) => uuid).toSorted();

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-kubelet");
  nodes = await GpuNodes.open(stage);
  const { cluster } = stage;
  await cluster.target.controlPlane?.startNode(2);
  const folder = cluster.target.kubeletFolder(node) ?? "";
  socket = join(folder, "pod-resources", "kubelet.sock");
  agent = await nodes.add(2, "alpha", { args: [`--pod-resources=${socket}`], user: 0 });
  const shown = await eventually(
    "the GPUs of the node",
    () => nodes.shown(node),
    ({ length }) => length === 8,
  );
  [plugged, published] = [shown.slice(0, 4), shown.slice(4)];
  kubelet = new KubeletPodResources(socket);
  plugin = devicePlugin(folder, resource, uuids(plugged));
  await plugin.start();
  driver = new DraDriver(driverName, cluster, node);
  await driver.start(published);
});

afterAll(async () => {
  if (!stage) return;
  const { cluster, namespace } = stage;
  await cluster.kubectl("-n", namespace, "delete", "statefulset,pod", "--all", "--ignore-not-found");
  kubelet?.close();
  await driver?.stop();
  await plugin?.stop();
  await (nodes ?? stage).close();
});

describe.skipIf(!inject("local"))("a real kubelet", () => {
  it("tells what a device plugin offers, and nothing of a driver's", async () => {
    const offered = await eventually(
      "the plugin's devices",
      () => kubelet.allocatable(),
      (devices) => devices.some((one) => one.resource === resource),
    );
    expect(new Set(offered.map((one) => one.resource))).toEqual(new Set([resource]));
    // A kubelet tells of each device in an entry of its own.
    expect(offered.flatMap(({ deviceIds }) => deviceIds).toSorted()).toEqual(uuids(plugged));
  });

  it("tells who holds which GPU of a plugin: the one that the program was given", async () => {
    await stage.cluster.kubectl("wait", "node", node, `--for=jsonpath={.status.allocatable.nvidia\\.com/gpu}=4`);
    await gpuSet(stage, { name: "plugged", replicas: 2, limits: { [resource]: "1" } });
    const held = await eventually("both to hold one", holders, ({ size }) => size === 2, 60_000);
    for (const [pod, uuid] of held) {
      const program = await programOf(pod);
      expect(program?.variables.get("NVIDIA_VISIBLE_DEVICES")).toBe(uuid);
      expect(await kubelet.get(stage.namespace, pod)).toMatchObject([
        { container: "app", resource, deviceIds: [uuid], by: "devicePlugin" },
      ]);
    }
    expect(new Set(held.values()).size).toBe(2);
  });

  it("has the driver prepare just the device that our scheduler allocated, and tells who holds it", async () => {
    const exactly = { deviceClassName: driverName };
    await stage.cluster.create(resources.resourceClaim, stage.namespace, {
      metadata: { name: "one" },
      spec: { devices: { requests: [{ name: "gpu", exactly }] } },
    });
    await gpuSet(stage, {
      name: "claimed",
      replicas: 1,
      claims: [{ name: "gpu" }],
      spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "one" }] },
    });
    const held = await eventually("claimed-0 to hold one", holders, (now) => now.has("claimed-0"), 90_000);
    const { uid, device } = await claim();
    const allocated = published.find(({ minor }) => device === `gpu-${minor}`)?.uuid;
    expect(held.get("claimed-0")).toBe(allocated);
    expect(driver.prepared).toEqual(new Set([uid]));
    expect(await programOf("claimed-0")).not.toBeNull();
  });

  it("tells that GPUs are free when their pods have gone, and has the driver give the claim's up", async () => {
    await stage.cluster.kubectl("-n", stage.namespace, "scale", "statefulset", "claimed", "plugged", "--replicas=0");
    await eventually("all to be free", holders, ({ size }) => size === 0, 60_000);
    await eventually(
      "the driver to be told",
      async () => driver.prepared.size,
      (size) => size === 0,
    );
    await eventually("the claim to be free", claim, ({ device }) => device === undefined, 60_000);
  });

  it("whose socket is closed to the agent costs who holds what and nothing else: the agent says what it lacks", async () => {
    await agent.kill("SIGKILL");
    const barred = await nodes.add(2, "alpha", { args: [`--pod-resources=${socket}`] });
    await eventually(
      "the agent to say so",
      () => barred.log(),
      (log) => /permission denied for user \d+, group \d+ at .*: run the agent as its user, root/.test(log),
    );
    expect(await nodes.shown(node)).toHaveLength(8);
  });
});

/** The claim as the cluster has it. */
async function claim(): Promise<{ readonly uid: string; readonly device: string | undefined }> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "resourceclaim", "one", "-o=json");
  const { metadata, status } = JSON.parse(text) as {
    readonly metadata: { readonly uid: string };
    readonly status?: {
      readonly allocation?: { readonly devices: { readonly results: readonly { device: string }[] } };
    };
  };
  return { uid: metadata.uid, device: status?.allocation?.devices.results[0]?.device };
}

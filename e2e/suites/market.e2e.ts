import { annotations } from "@walras/api";
import { parseCpu } from "@walras/kit";
import { mergePatch, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import type { PodView } from "../harness/cluster.ts";
import { KernelContainer } from "../harness/kernel.ts";
import { joinLoad, startLoad } from "../harness/load.ts";
import { allocatableMilli, RequestWatch } from "../harness/requests.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const node = "node1";
let stage: Stage;

function kernelOf(pod: PodView): KernelContainer {
  return new KernelContainer(pod.status?.containerStatuses?.[0]?.containerID ?? "");
}

async function throttledRatio(kernel: KernelContainer, forMs: number): Promise<number> {
  const before = kernel.read();
  await pause(forMs);
  return kernel.throttledRatioSince(before);
}

function limitMilli(pod: PodView): number {
  return parseCpu(pod.status?.containerStatuses?.[0]?.resources?.limits?.cpu ?? "", "limit");
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("market");
  await stage.programs.startMarket(node);
});
afterAll(() => stage?.close());

describe.skipIf(!inject("local"))("the market on a real node", () => {
  it("frees a container that is throttled in most periods, and leaves its idle neighbour alone", async () => {
    const { cluster, namespace } = stage;
    const idle = await joinLoad(cluster, { namespace, name: "idle", node, cores: 0, request: "200m", limit: "500m" });
    const outside = { "mbcas.io/managed": "false" };
    const load = { namespace, name: "hungry", node, cores: 0.6, request: "50m", limit: "100m", labels: outside };
    const kernel = kernelOf(await startLoad(cluster, load));
    await eventually(
      "throttling",
      () => throttledRatio(kernel, 2_000),
      (ratio) => ratio > 0.5,
    );
    await cluster.kubectl("-n", namespace, "label", "pod", "hungry", "mbcas.io/managed=true", "--overwrite");
    await eventually(
      "it to be freed",
      () => throttledRatio(kernel, 3_000),
      (ratio) => ratio < 0.05,
    );
    await pause(5_000);
    const beside = await cluster.pod(namespace, "idle");
    expect([beside.metadata.uid, beside.metadata.generation]).toEqual([idle.metadata.uid, idle.metadata.generation]);
    expect(limitMilli(beside)).toBe(500);
    const allocation = await cluster.allocation(namespace, "hungry");
    expect(allocation?.spec.containers?.[0]).toMatchObject({ declaredCPURequest: "50m", declaredCPULimit: "100m" });
    expect(allocation?.status?.rationCPU).toBeUndefined();
    await cluster.deletePod(namespace, "idle");
    await cluster.deletePod(namespace, "hungry");
  });

  it("divides a node that is used up above the guarantees by weight, and tells the rationed who has the rest", async () => {
    const { cluster, namespace } = stage;
    const weights = [1, 2, 4];
    const pods: PodView[] = [];
    for (const weight of weights) {
      pods.push(
        await startLoad(cluster, {
          namespace,
          name: `weight-${weight}`,
          node,
          cores: 2,
          request: "100m",
          limit: "200m",
          annotations: { [annotations.weight]: String(weight) },
        }),
      );
    }
    const floorMilli = 100;
    // Who has no more than its share has no quota on. The first to come may have been rationed before the last ran.
    const rationed = await eventually(
      "the ration of who takes more than its share",
      () => cluster.allocation(namespace, "weight-1"),
      (allocation) =>
        allocation?.status?.reason === "Rationed" && allocation.status.message?.includes("weight-4 use") === true,
    );
    const told = rationed?.status;
    expect(told?.message).toMatch(/the node's CPU is used up: it may use \S+ of the \S+ that it wants; .*weight-4 use/);
    expect(told?.shadowPriceCPU).toBeGreaterThan(0);
    await eventually(
      "the Event",
      () => cluster.eventReasons(namespace, "weight-1"),
      (reasons) => reasons.includes("MarketRations"),
    );
    await pause(10_000);
    const kernels = pods.map(kernelOf);
    const starts = kernels.map((kernel) => kernel.read());
    await pause(10_000);
    const above = kernels.map((kernel, index) => kernel.usageMilliSince(starts[index]!) - floorMilli);
    const unit = above.reduce((sum, milli) => sum + milli, 0) / 7;
    above.forEach((milli, index) => {
      expect(milli / unit / weights[index]!).toBeGreaterThan(0.9);
      expect(milli / unit / weights[index]!).toBeLessThan(1.1);
    });
    await cluster.deletePod(namespace, "weight-4");
    await cluster.deletePod(namespace, "weight-2");
    const alone = await eventually(
      "its limit to be given back",
      () => cluster.pod(namespace, "weight-1"),
      (pod) => limitMilli(pod) > 1_500,
    );
    expect(alone.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await cluster.deletePod(namespace, "weight-1");
  });

  it("resizes 200 times without a restart, and never promises more than there is", async () => {
    const { cluster, namespace } = stage;
    const names = ["steps-1", "steps-2", "steps-3", "steps-4"];
    const start = (name: string): Promise<PodView> =>
      startLoad(cluster, { namespace, name, node, cores: 0.5, request: "50m", limit: "100m" });
    const pods = await Promise.all(names.map(start));
    const watch = new RequestWatch(cluster, node);
    watch.start();
    const resizes = async (): Promise<number> => {
      const now = await Promise.all(names.map((name) => cluster.pod(namespace, name)));
      return now.reduce((sum, { metadata }) => sum + (metadata.generation ?? 1) - 1, 0);
    };
    for (let step = 0; (await resizes()) < 200; step += 1) {
      expect(step).toBeLessThan(150);
      const most = { metadata: { annotations: { [annotations.maxCpu]: step % 2 === 0 ? "100m" : "250m" } } };
      await Promise.all(
        names.map((name) =>
          mergePatch(cluster.transport, { resource: resources.pod, name: { namespace, name } }, most),
        ),
      );
      await pause(1_000);
    }
    const { highestMilli, samples } = await watch.stop();
    expect(samples).toBeGreaterThan(20);
    expect(highestMilli).toBeLessThanOrEqual(await allocatableMilli(cluster, node));
    for (const before of pods) {
      const after = await cluster.pod(namespace, before.metadata.name);
      expect(after.status?.containerStatuses?.[0]?.restartCount).toBe(0);
      expect(after.status?.containerStatuses?.[0]?.containerID).toBe(
        before.status?.containerStatuses?.[0]?.containerID,
      );
      await cluster.deletePod(namespace, before.metadata.name);
    }
  });

  it("gives back what was declared to a pod that opts out", async () => {
    const { cluster, namespace } = stage;
    await joinLoad(cluster, { namespace, name: "leaver", node, cores: 0.4, request: "50m", limit: "100m" });
    await eventually(
      "a raise",
      () => cluster.pod(namespace, "leaver"),
      (pod) => limitMilli(pod) > 100,
    );
    await cluster.kubectl("-n", namespace, "label", "pod", "leaver", "mbcas.io/managed=false", "--overwrite");
    await eventually(
      "its own limit",
      () => cluster.pod(namespace, "leaver"),
      (pod) => limitMilli(pod) === 100,
    );
    await eventually(
      "its PodAllocation",
      () => cluster.allocation(namespace, "leaver"),
      (allocation) => allocation === null,
    );
    await cluster.deletePod(namespace, "leaver");
  });
});

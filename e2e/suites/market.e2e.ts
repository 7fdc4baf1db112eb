import { annotations } from "@walras/api";
import { parseCpu } from "@walras/kit";
import { mergePatch, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import type { PodView } from "../harness/cluster.ts";
import { KernelContainer } from "../harness/kernel.ts";
import { startLoad } from "../harness/load.ts";
import { allocatableMilli, RequestWatch } from "../harness/requests.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const node = "node1";
let stage: Stage;

function kernelOf(pod: PodView): KernelContainer {
  return new KernelContainer(pod.status?.containerStatuses?.[0]?.containerID ?? "");
}

function limitMilli(pod: PodView): number {
  return parseCpu(pod.status?.containerStatuses?.[0]?.resources?.limits?.cpu ?? "", "limit");
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("market");
  const controller = await stage.programs.startController();
  await stage.programs.startAgent(node, [controller]);
  await eventually(
    "agent to connect",
    () => controller.metrics(),
    (text) => /^walras_agents 1$/m.test(text),
  );
});
afterAll(() => stage?.close());

describe.skipIf(!inject("local"))("the market on a real node", () => {
  it("frees a container that is throttled in most periods, and lowers its idle neighbour", async () => {
    const { cluster, namespace } = stage;
    const idle = await startLoad(cluster, { namespace, name: "idle", node, cores: 0, request: "200m", limit: "500m" });
    const outside = { "mbcas.io/managed": "false" };
    const load = { namespace, name: "hungry", node, cores: 0.6, request: "50m", limit: "100m", labels: outside };
    const kernel = kernelOf(await startLoad(cluster, load));
    await eventually(
      "throttling",
      async () => {
        const before = kernel.read();
        await pause(2_000);
        return kernel.throttledRatioSince(before);
      },
      (ratio) => ratio > 0.5,
    );
    await cluster.kubectl("-n", namespace, "label", "pod", "hungry", "mbcas.io/managed=true", "--overwrite");
    await pause(3_000);
    const settled = kernel.read();
    await pause(3_000);
    expect(kernel.throttledRatioSince(settled)).toBeLessThan(0.05);
    const lowered = await eventually(
      "the idle pod",
      () => cluster.pod(namespace, "idle"),
      (pod) => limitMilli(pod) < 500,
      20_000,
    );
    expect(lowered.metadata.uid).toBe(idle.metadata.uid);
    const allocation = await cluster.allocation(namespace, "hungry");
    expect(allocation?.spec.containers?.[0]).toMatchObject({ declaredCPURequest: "50m", declaredCPULimit: "100m" });
    expect(allocation?.status?.binding).toBe("Need");
    await cluster.deletePod(namespace, "idle");
    await cluster.deletePod(namespace, "hungry");
  });

  it("divides CPU time above the floors by weight among the hungry", async () => {
    const { cluster, namespace } = stage;
    // What the test leaves to the market is well below what the machine can give, so that quotas decide and not contention.
    const spare = (await allocatableMilli(cluster, node)) - (await new RequestWatch(cluster, node).countedMilli());
    const ballast = Math.max(10, spare - 1100);
    await startLoad(cluster, {
      namespace,
      name: "ballast",
      node,
      cores: 0,
      request: `${ballast}m`,
      labels: { "mbcas.io/managed": "false" },
    });
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
    await pause(15_000);
    const kernels = pods.map(kernelOf);
    const starts = kernels.map((kernel) => kernel.read());
    await pause(10_000);
    const above = kernels.map((kernel, index) => kernel.usageMilliSince(starts[index]!) - floorMilli);
    const unit = above.reduce((sum, milli) => sum + milli, 0) / 7;
    above.forEach((milli, index) => {
      expect(milli / unit / weights[index]!).toBeGreaterThan(0.95);
      expect(milli / unit / weights[index]!).toBeLessThan(1.05);
    });
    for (const name of ["ballast", ...weights.map((weight) => `weight-${weight}`)])
      await cluster.deletePod(namespace, name);
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
    await startLoad(cluster, { namespace, name: "leaver", node, cores: 0.4, request: "50m", limit: "100m" });
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

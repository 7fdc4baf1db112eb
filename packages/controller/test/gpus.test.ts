import { type Runnable, silentLogger, systemClock } from "@walras/kit";
import { GpuSampler, KubeletPodResources, pollPodResources } from "@walras/node-agent";
import {
  aGpu,
  CgroupFixture,
  containerGroup,
  containerHolding,
  containerId,
  FakeGpuReader,
  gpuUuid,
  KubeletDouble,
  podPath,
} from "@walras/node-agent/testing";
import { afterEach, expect, it } from "vitest";

import { agentOf } from "./agent.ts";
import { startWorld } from "./world.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const amounts = { cpu: "100m", memory: "64Mi" };
const scenario = {
  name: "gpus",
  nodes: [{ name: "n" }],
  pods: ["train", "share"].map((name) => ({ name, node: "n", containers: [{ requests: amounts, limits: amounts }] })),
};

const layout = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
const groupOf = (uid: string): string =>
  `0::/${podPath(layout, "burstable", uid)}/${containerGroup(layout, containerId("a"))}\n`;
const processOf = (pid: number) => ({ pid, name: "py\nthon", memoryUsedMiB: 10 });

it("who has which GPU comes from the kubelet's socket and the kernel to the controller's view and metrics", async () => {
  const world = await startWorld(scenario, ["n"]);
  stops.push(() => world.stop());
  const kubelet = await new KubeletDouble().start();
  stops.push(() => kubelet.destroy());
  const node = new CgroupFixture(layout);
  stops.push(() => node.destroy());

  const holding = containerHolding("app", {
    devices: [{ resourceName: "nvidia.com/gpu", deviceIds: [gpuUuid(0)] }],
  });
  kubelet.pods = [{ name: "train", namespace: "default", containers: [holding] }];
  node.procFile("7/cgroup", groupOf(world.cluster.api.store.get("pods", "default", "share")?.metadata.uid ?? ""));
  node.procFile("8/cgroup", "0::/user.slice\n");
  const reader = new FakeGpuReader();
  reader.read([aGpu(0), aGpu(1, { utilisation: 0.5, processes: [processOf(7), processOf(8)] })], systemClock.wallMs());

  const resources = new KubeletPodResources(kubelet.socket);
  const around = { clock: systemClock, logger: silentLogger };
  const poll = pollPodResources({ resources, wanted: () => true, ...around });
  const gpus = new GpuSampler({ reader, kubelet: poll, procRoot: node.procRoot, clock: systemClock });
  const agent = agentOf(world.cluster, "n", world.agentPort, { gpus });
  const runs: readonly Runnable[] = [
    { name: "socket", start: () => undefined, stop: () => resources.close() },
    poll,
    agent,
  ];
  for (const one of runs) {
    await one.start();
    stops.push(() => one.stop());
  }

  const view = async (): Promise<unknown> => (await fetch(`${world.opsUrl}/gpus`)).json();
  await expect.poll(view, { timeout: 10_000 }).toMatchObject({
    nodes: [
      {
        node: "n",
        source: "nvidia-smi",
        trouble: null,
        holdersTrouble: null,
        gpus: [
          { uuid: gpuUuid(0), holders: [{ namespace: "default", pod: "train", by: "kubelet" }], foreignPids: [] },
          { uuid: gpuUuid(1), holders: [{ namespace: "default", pod: "share", by: "process" }], foreignPids: [8] },
        ],
      },
    ],
  });
  const series = (await world.metrics()).split("\n").filter((line) => line.startsWith("walras_gpu_utilisation_ratio{"));
  expect(series).toHaveLength(2);
  expect(series[1]).toMatch(/gpu="1",.*namespace="default",pod="share"} 0\.5$/);
});

import { Lifecycle, silentLogger, systemClock } from "@walras/kit";
import { afterEach, expect, it } from "vitest";

import { readConfig } from "./config.ts";
import { CgroupFixture } from "./testing/cgroupFixture.ts";
import { TestController } from "./testing/controller.ts";
import { aGpu, FakeGpuReader, gpuUuid } from "./testing/gpus.ts";
import { containerHolding, KubeletDouble } from "./testing/kubelet.ts";
import { wireAgent } from "./wire.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

it("an agent with a reader of GPUs asks the kubelet at --pod-resources who holds them, and reports it", async () => {
  const controller = await new TestController().start();
  stops.push(() => controller.stop());
  const kubelet = await new KubeletDouble().start();
  stops.push(() => kubelet.destroy());
  const node = new CgroupFixture({ version: "v2", driver: "systemd", runtime: "containerd" });
  stops.push(() => node.destroy());
  const devices = [{ resourceName: "nvidia.com/gpu", deviceIds: [gpuUuid(0)] }];
  kubelet.pods = [{ name: "train", namespace: "ns", containers: [containerHolding("app", { devices })] }];
  const reader = new FakeGpuReader();
  const start = (): void => reader.read([aGpu(0)], systemClock.wallMs());

  const flags = ["--insecure", "--log-level=silent", `--controller=127.0.0.1:${controller.port}`, "--node-name=n1"];
  const roots = [`--cgroup-root=${node.cgroupRoot}`, `--proc-root=${node.procRoot}`];
  const config = readConfig([...flags, ...roots, `--pod-resources=${kubelet.socket}`], {});
  const latest = (): FakeGpuReader["reading"] => reader.latest();
  const { parts } = await wireAgent(config, { name: "reader", latest, start, stop: () => undefined });
  const lifecycle = new Lifecycle(parts, silentLogger);
  await lifecycle.start();
  stops.push(() => lifecycle.stop());
  await expect
    .poll(() => controller.reports.findLast(({ gpus }) => gpus)?.gpus, { timeout: 10_000 })
    .toMatchObject({ holdersTrouble: "", gpus: [{ uuid: gpuUuid(0), holders: [{ namespace: "ns", pod: "train" }] }] });
});

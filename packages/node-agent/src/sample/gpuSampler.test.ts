import { type Logger, silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { pollPodResources } from "../podresources/poll.ts";
import { CgroupFixture, containerGroup, containerId, podPath } from "../testing/cgroupFixture.ts";
import { aGpu, FakeGpuReader, FakePodResources, gpuUuid, heldOf } from "../testing/gpus.ts";
import { GpuSampler, type GpuSample } from "./gpuSampler.ts";

const layout = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
const group = `0::/${podPath(layout, "burstable", "uid-1")}/${containerGroup(layout, containerId("a"))}\n`;

let clock: VirtualClock;
let fixture: CgroupFixture;
let reader: FakeGpuReader;
let kubelet: FakePodResources;
let warned: string[];
let stop: () => Promise<void>;

beforeEach(() => {
  clock = new VirtualClock();
  fixture = new CgroupFixture(layout);
  reader = new FakeGpuReader();
  kubelet = new FakePodResources();
  warned = [];
});

afterEach(async () => {
  await stop();
  fixture.destroy();
});

/** A sampler that runs as the agent's does. */
async function started(): Promise<GpuSampler> {
  const logger: Logger = Object.create(silentLogger) as Logger;
  logger.warn = vi.fn((told: { readonly error: string }) => warned.push(told.error));
  const wanted = (): boolean => (reader.reading?.gpus.length ?? 0) > 0;
  const poll = pollPodResources({ resources: kubelet, wanted, clock, logger });
  stop = () => poll.stop();
  await poll.start();
  return new GpuSampler({ reader, kubelet: poll, procRoot: fixture.procRoot, clock });
}

function podsOf(sample: GpuSample | null, index: number): string[] {
  return (sample?.holders.get(gpuUuid(index)) ?? []).map(({ pod }) => pod);
}

describe("what is known of GPUs", () => {
  it("joins the driver, the kubelet and the kernel", async () => {
    const process = { name: "python", memoryUsedMiB: 100 };
    reader.read([aGpu(0, { processes: [7, 8, 9].map((pid) => ({ ...process, pid })) }), aGpu(1)]);
    fixture.procFile("7/cgroup", group);
    fixture.procFile("8/cgroup", "0::/user.slice\n");
    kubelet.held = [heldOf("train", [gpuUuid(0)]), heldOf("web", [], { resource: "example.com/nic" })];
    kubelet.offered = [{ resource: "nvidia.com/gpu", deviceIds: [gpuUuid(0), gpuUuid(1)] }];
    const sample = (await started()).sample();
    expect([podsOf(sample, 0), podsOf(sample, 1)]).toEqual([["train"], []]);
    expect(sample?.offers.get(gpuUuid(1))).toMatchObject([{ resource: "nvidia.com/gpu" }]);
    expect(Object.fromEntries(sample?.places ?? [])).toEqual({
      7: { containerId: containerId("a"), podName: "uid-1" },
      8: "outside",
      9: "unknown",
    });
    expect([sample?.holdersTrouble, sample?.offersTrouble, warned]).toEqual([null, null, []]);
  });

  it("asks no kubelet and complains of none on a node without GPUs", async () => {
    kubelet.listFails = new Error("permission denied");
    const sampler = await started();
    expect(sampler.sample()).toBeNull();
    reader.read([], 0, "no NVIDIA driver");
    await clock.advance(60_000);
    expect([sampler.sample()?.holdersTrouble, kubelet.asked, warned]).toEqual([null, 0, []]);
    reader.read([aGpu(0)]);
    expect(sampler.sample()?.holdersTrouble).toBe("the kubelet was not asked yet: there was no GPU before");
  });

  it("does not take a kubelet that cannot be asked for one that says nobody holds anything, and says so once", async () => {
    reader.read([aGpu(0)]);
    kubelet.listFails = new Error("permission denied");
    const sampler = await started();
    await clock.advance(60_000);
    expect(sampler.sample()?.holdersTrouble).toBe("kubelet's pod resources: permission denied");
    expect(warned).toEqual(["permission denied"]);
    kubelet.listFails = null;
    kubelet.held = [heldOf("train", [gpuUuid(0)])];
    await clock.advance(10_000);
    expect([sampler.sample()?.holdersTrouble, podsOf(sampler.sample(), 0)]).toEqual([null, ["train"]]);
  });

  it("believes the last answer for as long as it is fresh", async () => {
    reader.read([aGpu(0)]);
    kubelet.held = [heldOf("train", [gpuUuid(0)])];
    const sampler = await started();
    kubelet.listFails = new Error("it restarts");
    await clock.advance(30_000);
    expect(podsOf(sampler.sample(), 0)).toEqual(["train"]);
    await clock.advance(10_000);
    expect([podsOf(sampler.sample(), 0), sampler.sample()?.holdersTrouble]).toEqual([
      [],
      "kubelet's pod resources: it restarts",
    ]);
  });

  it("knows who holds what of a kubelet that does not tell what it offers", async () => {
    reader.read([aGpu(0)]);
    kubelet.held = [heldOf("train", [gpuUuid(0)])];
    kubelet.allocatableFails = new Error("no such method");
    const sample = (await started()).sample();
    expect([podsOf(sample, 0), sample?.holdersTrouble, sample?.offersTrouble]).toEqual([
      ["train"],
      null,
      "no such method",
    ]);
  });

  it("is as old as the reading, whatever the wall clock does later", async () => {
    reader.read([aGpu(0)], clock.wallMs() - 5_000);
    const sampler = await started();
    await clock.advance(1_000);
    expect(sampler.sample()?.readMs).toBe(clock.monotonicMs() - 6_000);
    reader.read([aGpu(0)], clock.wallMs() + 3_600_000);
    expect(sampler.sample()?.readMs).toBe(clock.monotonicMs());
  });

  it("is the same object while nothing is new, and looks again for a process that could not be placed", async () => {
    reader.read([aGpu(0, { processes: [{ pid: 7, name: "python", memoryUsedMiB: null }] })]);
    const sampler = await started();
    const first = sampler.sample();
    expect(sampler.sample()).toBe(first);
    fixture.procFile("7/cgroup", group);
    expect(sampler.sample()?.places.get(7)).toBe("unknown");
    reader.read([...(first?.reading.gpus ?? [])], 1000);
    expect(sampler.sample()?.places.get(7)).toMatchObject({ podName: "uid-1" });
    fixture.procFile("7/cgroup", "0::/\n");
    reader.read([aGpu(0)], 2000);
    expect(sampler.sample()?.places.size).toBe(0);
  });
});

import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { BusySource } from "@walras/proto";
import { afterEach, describe, expect, it } from "vitest";

import { CgroupSampler } from "../sample/cgroupSampler.ts";
import type { NodeLoad, Wanted } from "../sample/sampler.ts";
import { CgroupFixture, containerId, type FixtureLayout } from "../testing/cgroupFixture.ts";
import type { NodeBusy } from "./nodeScope.ts";

const { BUSY_SOURCE_CGROUP_ROOT, BUSY_SOURCE_PROC_STAT, BUSY_SOURCE_UNSPECIFIED } = BusySource;
const v1: FixtureLayout = { version: "v1", driver: "cgroupfs", runtime: "containerd" };
const v2: FixtureLayout = { version: "v2", driver: "cgroupfs", runtime: "containerd" };

let fixture: CgroupFixture;
let clock: VirtualClock;

function open(layout: FixtureLayout): void {
  fixture = new CgroupFixture(layout);
  clock = new VirtualClock();
}

function wanted(podNames: readonly string[], allocatableMilli: number | null): Wanted {
  return { podUidOf: new Map(), podNames: new Set(podNames), allocatableMilli };
}

function addPod(tree: string, name: string): void {
  fixture.group(join(tree, "kubepods", `pod${name}`, containerId("a")));
}

/** Ten seconds, in each of which the machine is 0.8 busy and the group `path` uses 300 m. */
async function tenSeconds(path: string, order: Wanted, nodeBusy: NodeBusy = "auto"): Promise<NodeLoad> {
  const { cgroupRoot, procRoot } = fixture;
  const observer = { unreadable: (complaint: string) => expect.unreachable(complaint) };
  const sampler = new CgroupSampler({ cgroupRoot, procRoot, nodeBusy, clock, observer });
  let load = sampler.sample(order).node;
  for (let second = 1; second <= 10; second += 1) {
    await clock.advance(1000);
    fixture.proc({ busy: second * 80, idle: second * 20 });
    if (path !== "") fixture.group(path, { usageUsec: second * 300_000 });
    load = sampler.sample(order).node;
  }
  return load;
}

afterEach(() => fixture.destroy());

describe("how busy a node is", () => {
  it("is what /proc says where the node has its machine to itself", async () => {
    open(v1);
    addPod("", "one");
    const load = await tenSeconds("", wanted(["one"], 2000));
    expect(load.busySource).toBe(BUSY_SOURCE_PROC_STAT);
    expect(load.busyFraction).toBeCloseTo(0.8, 9);
    expect(load.windowBusyFraction).toBeCloseTo(0.8, 9);
    expect(load).toMatchObject({ memoryTotalBytes: 4096 * 1024, memoryAvailableBytes: 1024 * 1024 });
  });

  it("is its own tree's usage over its allocatable where it shares the machine", async () => {
    open(v1);
    addPod("", "other");
    addPod("node2", "mine");
    const load = await tenSeconds("node2", wanted(["mine"], 1500));
    expect(load.busySource).toBe(BUSY_SOURCE_CGROUP_ROOT);
    expect(load.busyFraction).toBeCloseTo(0.2, 9);
    expect(load.windowBusyFraction).toBeCloseTo(0.2, 9);
  });

  it("is unknown while several trees could be its own", async () => {
    open(v1);
    addPod("node2", "other");
    addPod("node3", "another");
    const load = await tenSeconds("node2", wanted([], 1500));
    expect(load).toMatchObject({ busySource: BUSY_SOURCE_UNSPECIFIED, busyFraction: null });
  });

  it("is unknown in a shared machine while allocatable is", async () => {
    open(v1);
    addPod("node2", "mine");
    const load = await tenSeconds("node2", wanted(["mine"], null));
    expect(load).toMatchObject({ busySource: BUSY_SOURCE_CGROUP_ROOT, busyFraction: null, windowBusyFraction: null });
  });

  it("is the mounted root's usage where that is a container's", async () => {
    open(v2);
    fixture.file("cgroup.type", "domain\n");
    fixture.file("cgroup.events", "populated 1\n");
    addPod("kubelet", "mine");
    fixture.file("cpu.stat", "usage_usec 0\n");
    const load = await tenSeconds(".", wanted(["mine"], 600));
    expect(load.busySource).toBe(BUSY_SOURCE_CGROUP_ROOT);
    expect(load.busyFraction).toBeCloseTo(0.5, 9);
  });

  it("is what a person says it is", async () => {
    open(v1);
    addPod("node2", "mine");
    const load = await tenSeconds("node2", wanted(["mine"], 1500), "proc");
    expect(load.busySource).toBe(BUSY_SOURCE_PROC_STAT);
    expect(load.busyFraction).toBeCloseTo(0.8, 9);
  });
});

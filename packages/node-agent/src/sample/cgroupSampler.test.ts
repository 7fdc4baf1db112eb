import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import {
  allLayouts,
  CgroupFixture,
  containerGroup,
  containerId,
  type FixtureLayout,
  type GroupState,
  podPath,
} from "../testing/cgroupFixture.ts";
import { CgroupSampler } from "./cgroupSampler.ts";
import { type ContainerSample, everything, type Wanted } from "./sampler.ts";

const uid = "6f5d8c1a-0b2e-4c3d-9e8f-112233445566";
const containerdV2: FixtureLayout = { version: "v2", driver: "systemd", runtime: "containerd" };
const containerdV1: FixtureLayout = { version: "v1", driver: "cgroupfs", runtime: "containerd" };

let fixture: CgroupFixture;
let clock: VirtualClock;
let complaints: string[];

function open(layout: FixtureLayout): void {
  fixture = new CgroupFixture(layout);
  clock = new VirtualClock();
  complaints = [];
}

function sampler(): CgroupSampler {
  const { cgroupRoot, procRoot } = fixture;
  const observer = { unreadable: (complaint: string) => void complaints.push(complaint) };
  return new CgroupSampler({ cgroupRoot, procRoot, nodeBusy: "auto", clock, observer });
}

function addPod(name: string, ids: readonly string[], state: GroupState = {}): { pod: string; containers: string[] } {
  const pod = podPath(fixture.layout, "burstable", name);
  fixture.group(pod);
  const containers = ids.map((id) => join(pod, containerGroup(fixture.layout, id)));
  for (const path of containers) fixture.group(path, state);
  return { pod, containers };
}

/** The samples of one second in which `change` happens. */
async function second(
  source: CgroupSampler,
  change: () => void,
  wanted: Wanted = everything,
): Promise<readonly ContainerSample[]> {
  source.sample(wanted);
  await clock.advance(1000);
  change();
  return source.sample(wanted).containers;
}

function wantedOf(podUidOf: Readonly<Record<string, string>>, podNames: readonly string[] = []): Wanted {
  return { podUidOf: new Map(Object.entries(podUidOf)), podNames: new Set(podNames), allocatableMilli: 2000 };
}

afterEach(() => fixture.destroy());

describe("sampling containers", () => {
  it.each(allLayouts)("measures the same on $version with $driver and $runtime", async (layout) => {
    open(layout);
    const { pod, containers } = addPod(uid, [containerId("a")]);
    fixture.group(join(pod, `crio-conmon-${containerId("b")}.scope`), { usageUsec: 9 });
    const [sample, ...others] = await second(sampler(), () => {
      const state = {
        usageUsec: 250_000,
        periods: 10,
        throttledPeriods: 4,
        throttledUsec: 30_000,
        pressureUsec: 90_000,
      };
      fixture.group(containers[0] ?? "", { ...state, quotaUsec: 50_000, sharesOrWeight: 512 });
      fixture.group(pod, { periods: 10, throttledPeriods: 2, quotaUsec: 200_000 });
    });
    expect(others).toEqual([]);
    const told = layout.driver === "systemd" || layout.runtime === "cri-o";
    expect(sample).toMatchObject({ podUid: uid, containerId: containerId("a"), runtime: told ? layout.runtime : "" });
    expect(sample?.usageMilli).toBeCloseTo(250, 9);
    expect(sample?.throttledRatio).toBeCloseTo(0.4, 9);
    expect(sample?.throttledMilli).toBeCloseTo(30, 9);
    expect(sample?.quotaMilli).toBe(500);
    expect(sample?.podQuotaMilli).toBe(2000);
    expect(sample?.sharesOrWeight).toBe(512);
    if (layout.version === "v1") expect(sample?.pressureRatio).toBeNull();
    else expect(sample?.pressureRatio).toBeCloseTo(0.09, 9);
    expect(complaints).toEqual([]);
  });

  it("takes the pod's throttling where it is worse than the container's", async () => {
    open(containerdV2);
    const { pod, containers } = addPod(uid, [containerId("a")]);
    const [sample] = await second(sampler(), () => {
      fixture.group(containers[0] ?? "", { usageUsec: 1, periods: 10, throttledPeriods: 1 });
      fixture.group(pod, { periods: 10, throttledPeriods: 9, throttledUsec: 500_000 });
    });
    expect(sample?.throttledRatio).toBeCloseTo(0.9, 9);
    expect(sample?.throttledMilli).toBeCloseTo(500, 9);
  });

  it("knows nothing of throttling where no period ended", async () => {
    open(containerdV2);
    addPod(uid, [containerId("a")], { periods: 5, throttledPeriods: 5 });
    const [sample] = await second(sampler(), () => undefined);
    expect(sample).toMatchObject({ usageMilli: 0, throttledRatio: null, quotaMilli: null });
  });

  it("takes the settings of crun from the child they are in, and usage from the whole", async () => {
    open({ version: "v2", driver: "systemd", runtime: "cri-o" });
    const { containers } = addPod(uid, [containerId("a")]);
    const child = join(containers[0] ?? "", "container");
    fixture.group(child, { quotaUsec: 30_000, sharesOrWeight: 7, pids: [9] });
    const [sample] = await second(sampler(), () => {
      fixture.group(containers[0] ?? "", { usageUsec: 300_000 });
      fixture.group(child, {
        usageUsec: 290_000,
        periods: 10,
        throttledPeriods: 8,
        quotaUsec: 30_000,
        sharesOrWeight: 7,
      });
    });
    expect(sample).toMatchObject({ quotaMilli: 300, sharesOrWeight: 7 });
    expect(sample?.usageMilli).toBeCloseTo(300, 9);
    expect(sample?.throttledRatio).toBeCloseTo(0.8, 9);
  });

  it("reads limits anew each time", async () => {
    open(containerdV1);
    const { containers } = addPod(uid, [containerId("a")], { quotaUsec: 20_000, sharesOrWeight: 100 });
    const source = sampler();
    const changed = await second(source, () =>
      fixture.group(containers[0] ?? "", { quotaUsec: 40_000, sharesOrWeight: 200 }),
    );
    expect(changed).toMatchObject([{ quotaMilli: 400, sharesOrWeight: 200 }]);
  });
});

describe("finding containers", () => {
  it.each(["kubelet/kubepods", "docker/0123/kubepods", "node2/kubepods"])("sees the tree in %s", async (path) => {
    open(containerdV1);
    fixture.group(join(path, "besteffort", `pod${uid}`, containerId("c")));
    const [sample] = await second(sampler(), () => undefined);
    expect(sample).toMatchObject({ podUid: uid, containerId: containerId("c") });
  });

  it("sees a nested slice", async () => {
    open(containerdV2);
    const pod = join("kubelet.slice", podPath(fixture.layout, "burstable", uid, "kubelet-kubepods"));
    fixture.group(join(pod, containerGroup(fixture.layout, containerId("c"))));
    expect(await second(sampler(), () => undefined)).toMatchObject([{ podUid: uid, runtime: "containerd" }]);
  });

  it("leaves sandboxes out by their program, where nobody says what is a container", async () => {
    open(containerdV1);
    const { pod } = addPod(uid, [containerId("a"), containerId("b")]);
    fixture.group(join(pod, containerId("a")), { pids: [11] });
    fixture.group(join(pod, containerId("b")), { pids: [12] });
    fixture.process(11, "pause");
    fixture.process(12, "load");
    const samples = await second(sampler(), () => undefined);
    expect(samples.map((sample) => sample.containerId)).toEqual([containerId("b")]);
  });

  it("measures what the controller names only, under the UID it gives", async () => {
    open(containerdV1);
    addPod("00112233445566778899aabbccddeeff", [containerId("a"), containerId("b")]);
    const samples = await second(sampler(), () => undefined, wantedOf({ [containerId("b")]: uid }));
    expect(samples).toMatchObject([{ podUid: uid, containerId: containerId("b") }]);
  });

  it("notices containers that come and go, without disturbing the others", async () => {
    open(containerdV1);
    const { pod } = addPod(uid, [containerId("a"), containerId("b")]);
    const source = sampler();
    const ids = (): string[] =>
      source
        .sample(everything)
        .containers.map((sample) => sample.containerId)
        .toSorted();
    expect(ids()).toEqual([]);
    await clock.advance(1000);
    expect(ids()).toEqual([containerId("a"), containerId("b")]);
    fixture.remove(join(pod, containerId("a")));
    fixture.group(join(pod, containerId("c")), { usageUsec: 5 });
    await clock.advance(1000);
    expect(ids()).toEqual([containerId("b")]);
    await clock.advance(1000);
    expect(ids()).toEqual([containerId("b"), containerId("c")]);
  });

  it("finds a tree that comes after the start", async () => {
    open(containerdV2);
    const source = sampler();
    source.sample(everything);
    addPod(uid, [containerId("a")]);
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(1000);
      source.sample(everything);
    }
    expect(source.sample(everything).containers).toHaveLength(0);
    await clock.advance(1000);
    expect(source.sample(everything).containers).toHaveLength(1);
  });

  it("says so where there is no CPU controller", () => {
    open(containerdV1);
    fixture.destroy();
    expect(sampler).toThrow(/cgroupRoot: ".*cgroup" has no CPU controller/);
  });
});

describe("doubtful counters", () => {
  it.each<[string, GroupState]>([
    ["usage", { usageUsec: 1, periods: 10, throttledPeriods: 5, pressureUsec: 10 }],
    ["periods", { usageUsec: 100, periods: 1, throttledPeriods: 5, pressureUsec: 10 }],
    ["pressure", { usageUsec: 100, periods: 10, throttledPeriods: 5, pressureUsec: 1 }],
  ])("gives no sample for a window in which %s went back, and the next one again", async (_, back) => {
    open(containerdV2);
    const start = { usageUsec: 100, periods: 10, throttledPeriods: 5, pressureUsec: 10 };
    const { containers } = addPod(uid, [containerId("a")], start);
    const source = sampler();
    expect(await second(source, () => fixture.group(containers[0] ?? "", back))).toEqual([]);
    await clock.advance(1000);
    expect(source.sample(everything).containers).toHaveLength(1);
  });

  it("skips a container whose file makes no sense, names the file and the value, and samples the others", async () => {
    open(containerdV1);
    const { containers } = addPod(uid, [containerId("a"), containerId("b")]);
    const samples = await second(sampler(), () =>
      fixture.file(join("cpu,cpuacct", containers[0] ?? "", "cpuacct.usage"), "NaN\n"),
    );
    expect(samples.map((sample) => sample.containerId)).toEqual([containerId("b")]);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(`${containerId("a")}/cpuacct.usage: "NaN" is not what this kernel file should say`);
  });

  it("does without files a kernel need not have", async () => {
    open(containerdV2);
    const path = join(podPath(fixture.layout, "guaranteed", uid), containerGroup(fixture.layout, containerId("a")));
    fixture.file(join(path, "cpu.stat"), "usage_usec 0\n");
    const [sample] = await second(sampler(), () => fixture.file(join(path, "cpu.stat"), "usage_usec 500000\n"));
    expect(sample).toMatchObject({ usageMilli: 500, throttledRatio: null, pressureRatio: null, quotaMilli: null });
    expect(sample?.sharesOrWeight).toBeNull();
  });

  it("reads a copied tree whose files are replaced, not rewritten", async () => {
    open(containerdV1);
    const { containers } = addPod(uid, [containerId("a")]);
    const usage = join(fixture.cgroupRoot, "cpu,cpuacct", containers[0] ?? "", "cpuacct.usage");
    const [sample] = await second(sampler(), () => {
      writeFileSync(`${usage}.new`, "700000000\n");
      renameSync(`${usage}.new`, usage);
    });
    expect(sample?.usageMilli).toBeCloseTo(700, 9);
  });
});

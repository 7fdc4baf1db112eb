import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { afterEach, expect, it } from "vitest";

import { CgroupFixture, containerId, type FixtureLayout } from "../testing/cgroupFixture.ts";
import { CgroupSampler } from "./cgroupSampler.ts";
import { everything } from "./sampler.ts";

const uid = "6f5d8c1a-0b2e-4c3d-9e8f-112233445566";
const slice = `kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice`;
const v2: FixtureLayout = { version: "v2", driver: "systemd", runtime: "containerd" };
const v1: FixtureLayout = { ...v2, version: "v1" };

let fixture: CgroupFixture;
afterEach(() => fixture.destroy());

// kubernetes#106514: kubelet uses systemd and its runtime does not.
it.each([
  { of: "containerd", layout: v2, machine: "", service: "containerd.service", prefix: "cri-containerd" },
  { of: "containerd on v1", layout: v1, machine: "", service: "containerd.service", prefix: "cri-containerd" },
  { of: "CRI-O on a node that is a container", layout: v2, machine: "node2", service: "crio.service", prefix: "crio" },
])(
  "a container in the group of $of itself is found, where its cgroup driver is not the kubelet's",
  async ({ layout, machine, service, prefix }) => {
    fixture = new CgroupFixture(layout);
    const clock = new VirtualClock();
    const { cgroupRoot, procRoot } = fixture;
    const complaints: string[] = [];
    const observer = { unreadable: (complaint: string) => void complaints.push(complaint) };
    const sampler = new CgroupSampler({ cgroupRoot, procRoot, nodeBusy: "auto", clock, observer });
    fixture.group(join(machine, "kubepods.slice/kubepods-burstable.slice", slice));
    const path = join(machine, "system.slice", service, `${slice}:${prefix}:${containerId("c")}`);
    fixture.group(path, { quotaUsec: 40_000 });
    sampler.sample(everything);
    await clock.advance(1000);
    const throttle = { periods: 10, throttledPeriods: 4, throttledUsec: 50_000 };
    fixture.group(path, { quotaUsec: 40_000, usageUsec: 300_000, ...throttle });
    const [sample, ...others] = sampler.sample(everything).containers;
    expect(sample).toMatchObject({ podUid: uid, containerId: containerId("c"), usageMilli: 300, quotaMilli: 400 });
    expect(sample?.throttledRatio).toBeCloseTo(0.4, 9);
    expect([others, complaints]).toEqual([[], []]);
    sampler.close();
  },
);

import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { CgroupFixture, containerGroup, containerId, type FixtureLayout, podPath } from "../testing/cgroupFixture.ts";
import { sampleOnce } from "./sampleOnce.ts";

const layout: FixtureLayout = { version: "v2", driver: "systemd", runtime: "cri-o" };
let fixture: CgroupFixture;

afterEach(() => fixture.destroy());

describe("a look at a machine", () => {
  it("tells every container's mean over the window, every field of it", async () => {
    fixture = new CgroupFixture(layout);
    const clock = new VirtualClock();
    const pod = podPath(layout, "besteffort", "uid-1");
    const paths = ["a", "b"].map((digit) => join(pod, containerGroup(layout, containerId(digit))));
    for (const path of [pod, ...paths]) fixture.group(path);
    const { cgroupRoot, procRoot } = fixture;
    const look = sampleOnce({ cgroupRoot, procRoot, forMs: 3000, clock });
    await clock.advance(1500);
    fixture.group(paths[0] ?? "", { usageUsec: 1_000_000, periods: 30, throttledPeriods: 10, quotaUsec: 33_333 });
    await clock.advance(1500);
    expect(await look).toEqual({
      cgroup: "v2",
      containers: [
        {
          podUID: "uid-1",
          containerID: containerId("a"),
          runtime: "cri-o",
          usageMilli: 333.333,
          throttledRatio: 0.333,
          quotaMilli: 333.33,
          sharesOrWeight: 100,
        },
        {
          podUID: "uid-1",
          containerID: containerId("b"),
          runtime: "cri-o",
          usageMilli: 0,
          throttledRatio: null,
          quotaMilli: null,
          sharesOrWeight: 100,
        },
      ],
    });
  });

  it("is empty on a machine without pods", async () => {
    fixture = new CgroupFixture({ ...layout, version: "hybrid" });
    const { cgroupRoot, procRoot } = fixture;
    const clock = new VirtualClock();
    const look = sampleOnce({ cgroupRoot, procRoot, forMs: 10, clock });
    await clock.advance(10);
    expect(await look).toEqual({ cgroup: "hybrid", containers: [] });
  });
});

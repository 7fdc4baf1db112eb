import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { sleep, systemClock } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { detectHierarchy, type Hierarchy } from "../cgroup/hierarchy.ts";
import { CgroupSampler } from "./cgroupSampler.ts";
import { sampleOnce } from "./sampleOnce.ts";
import { everything, type Wanted } from "./sampler.ts";

const cgroupRoot = "/sys/fs/cgroup";
const id = "f".repeat(64);
const nest = `walras-test-${process.pid}`;
const pod = "pod00000000-0000-4000-8000-000000000001";

function machine(): Hierarchy | null {
  try {
    return detectHierarchy(cgroupRoot);
  } catch {
    return null;
  }
}

function isWritable({ cpuDirectory, files, keepOpen }: Hierarchy): boolean {
  try {
    accessSync(cpuDirectory, constants.W_OK);
    return keepOpen && files === "v1" && existsSync(join(cpuDirectory, "cgroup.procs"));
  } catch {
    return false;
  }
}

const hierarchy = machine();

describe.skipIf(hierarchy === null)("this machine", () => {
  it("can be sampled as it is", async () => {
    const complaints: string[] = [];
    const observer = { unreadable: (complaint: string) => void complaints.push(complaint) };
    const sample = await sampleOnce({ cgroupRoot, procRoot: "/proc", forMs: 300, clock: systemClock, observer });
    expect(complaints).toEqual([]);
    expect(["v1", "v2", "hybrid"]).toContain(sample.cgroup);
    for (const { usageMilli } of sample.containers) expect(usageMilli).toBeGreaterThanOrEqual(0);
  });
});

/** Groups of our own need root and are made on v1 only, where they disturb nobody. */
describe.skipIf(hierarchy === null || !isWritable(hierarchy))("a group of this kernel", () => {
  const { cpuDirectory, accountDirectory } = hierarchy ?? { cpuDirectory: "", accountDirectory: "" };
  const directories = [...new Set([cpuDirectory, accountDirectory])];
  const path = join(nest, "kubepods", pod, id);
  const levels = [nest, join(nest, "kubepods"), join(nest, "kubepods", pod), path];
  let busy: ChildProcess;

  beforeAll(() => {
    for (const directory of directories) for (const level of levels) mkdirSync(join(directory, level));
    writeFileSync(join(cpuDirectory, path, "cpu.cfs_quota_us"), "20000");
    busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    for (const directory of directories) writeFileSync(join(directory, path, "cgroup.procs"), String(busy.pid));
  });

  afterAll(async () => {
    busy.kill("SIGKILL");
    await sleep(systemClock, 100);
    for (const directory of directories) {
      for (const level of levels.toReversed()) {
        if (existsSync(join(directory, level))) rmdirSync(join(directory, level));
      }
    }
  });

  it("shows a loop held at its quota, and is let go of when it vanishes", async () => {
    const observer = { unreadable: (complaint: string) => expect.unreachable(complaint) };
    const options = { cgroupRoot, procRoot: "/proc", nodeBusy: "auto" as const, clock: systemClock, observer };
    const sampler = new CgroupSampler(options);
    const wanted: Wanted = { ...everything, podUidOf: new Map([[id, "u"]]) };
    sampler.sample(wanted);
    await sleep(systemClock, 1000);
    const [sample] = sampler.sample(wanted).containers;
    expect(sample).toMatchObject({ podUid: "u", containerId: id, quotaMilli: 200, sharesOrWeight: 1024 });
    expect(sample?.usageMilli).toBeGreaterThan(50);
    expect(sample?.usageMilli).toBeLessThan(300);
    expect(sample?.throttledRatio).toBeGreaterThan(0.5);
    busy.kill("SIGKILL");
    await sleep(systemClock, 100);
    for (const directory of directories) rmdirSync(join(directory, path));
    expect(sampler.sample(wanted).containers).toEqual([]);
    sampler.close();
  });
});

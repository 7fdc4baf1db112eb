import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { containerGroup, monitorGroup, podPath } from "./cgroupNames.ts";
import { CgroupTree } from "./cgroupTree.ts";
import { quotaUsecOf, sharesOf, weightOf } from "./cgroupValues.ts";
import { cpuGroup } from "./cpuGroup.ts";
import { ProcTree } from "./procTree.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sim-cgroup-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = (...path: string[]): string => readFileSync(join(directory, ...path), "utf8");

describe("the values of cgroup files", () => {
  it.each([
    [0, 2],
    [1, 2],
    [250, 256],
    [1000, 1024],
    [1_000_000, 262_144],
  ])("writes a request of %i m as %i shares", (milli, shares) => expect(sharesOf(milli)).toBe(shares));

  it.each([
    [2, 1],
    [1024, 100],
    [262_144, 10_000],
    [512, 59],
  ])("turns %i shares into weight %i", (shares, weight) => expect(weightOf(shares)).toBe(weight));

  it("rounds quotas up to 10 m under systemd and not under cgroupfs", () => {
    expect([quotaUsecOf(333, "systemd"), quotaUsecOf(333, "cgroupfs")]).toEqual([34_000, 33_300]);
    expect([quotaUsecOf(5, "cgroupfs"), quotaUsecOf(null, "systemd")]).toEqual([1000, null]);
  });
});

describe("names of groups", () => {
  const uid = "0d1c-22";
  it("follows each driver and runtime", () => {
    const systemd = { version: "v2", driver: "systemd", runtime: "cri-o" } as const;
    const cgroupfs = { version: "v1", driver: "cgroupfs", runtime: "docker" } as const;
    expect(podPath(systemd, "Burstable", uid)).toBe(
      "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0d1c_22.slice",
    );
    expect(podPath(systemd, "Guaranteed", uid)).toBe("kubepods.slice/kubepods-pod0d1c_22.slice");
    expect(podPath(cgroupfs, "BestEffort", uid)).toBe("kubepods/besteffort/pod0d1c-22");
    expect([containerGroup(systemd, "ab"), monitorGroup(systemd, "ab")]).toEqual([
      "crio-ab.scope",
      "crio-conmon-ab.scope",
    ]);
    expect([containerGroup(cgroupfs, "ab"), monitorGroup(cgroupfs, "ab")]).toEqual(["ab", undefined]);
    expect(containerGroup({ ...systemd, runtime: "containerd" }, "ab")).toBe("cri-containerd-ab.scope");
  });
});

describe("a tree of control groups", () => {
  it("shows v2 counters and settings in the kernel's form", () => {
    const tree = new CgroupTree(directory, "v2");
    const group = { ...cpuGroup(59), quotaCores: 0.34, usedUsec: 1_234_567.8, periods: 10, throttledPeriods: 3 };
    tree.addRoot(cpuGroup(1));
    tree.add("kubepods", group, [17]);
    Object.assign(group, { throttledUsec: 90_000, stalledUsec: 120_000 });
    tree.writeCounters();
    expect(text("kubepods/cpu.stat")).toBe(
      "usage_usec 1234567\nuser_usec 1111110\nsystem_usec 123457\nnr_periods 10\nnr_throttled 3\nthrottled_usec 90000\nnr_bursts 0\nburst_usec 0\n",
    );
    expect([text("kubepods/cpu.max"), text("kubepods/cpu.weight")]).toEqual(["34000 100000\n", "59\n"]);
    expect([text("kubepods/cgroup.procs"), text("kubepods/cpu.pressure").split("\n")[0]]).toEqual([
      "17\n",
      "some avg10=0.00 avg60=0.00 avg300=0.00 total=120000",
    ]);
    expect([existsSync(join(directory, "cgroup.events")), existsSync(join(directory, "cgroup.controllers"))]).toEqual([
      false,
      true,
    ]);
    tree.close();
  });

  it("shows v1 in nanoseconds below cpu and cpuacct alike", () => {
    const tree = new CgroupTree(directory, "v1");
    const group = { ...cpuGroup(256), usedUsec: 2_500_000.5, periods: 4, throttledPeriods: 1, throttledUsec: 7000 };
    tree.addRoot(cpuGroup(1024));
    tree.add("kubepods", group);
    expect(text("cpuacct/kubepods/cpuacct.usage")).toBe("2500000500\n");
    expect(text("cpu/kubepods/cpu.stat")).toBe("nr_periods 4\nnr_throttled 1\nthrottled_time 7000000\n");
    expect([text("cpu/kubepods/cpu.cfs_quota_us"), text("cpu/kubepods/cpu.shares")]).toEqual(["-1\n", "256\n"]);
    expect(existsSync(join(directory, "cpu/release_agent"))).toBe(true);
    tree.close();
  });

  it("lets a reader who keeps a file open see new content, shorter content too", () => {
    const tree = new CgroupTree(directory, "v2");
    const group = cpuGroup(100);
    group.quotaCores = 12.5;
    tree.add("pod", group);
    const reader = openSync(join(directory, "pod/cpu.max"), "r");
    group.quotaCores = 0.05;
    tree.writeSettings("pod");
    const buffer = Buffer.alloc(100);
    expect(buffer.toString("utf8", 0, readSync(reader, buffer, 0, 100, 0))).toBe("5000 100000\n");
    closeSync(reader);
    tree.close();
  });

  it("can be made to count nonsense for a while", () => {
    const tree = new CgroupTree(directory, "v1");
    tree.add("pod", { ...cpuGroup(100), usedUsec: 5 });
    tree.setSpoiled(true);
    tree.writeCounters();
    expect(text("cpu/pod/cpuacct.usage")).toBe("NaN\n");
    tree.setSpoiled(false);
    tree.writeCounters();
    expect(text("cpu/pod/cpuacct.usage")).toBe("5000\n");
    tree.close();
  });

  it("removes a group with all below it", () => {
    const tree = new CgroupTree(directory, "v2");
    tree.add("pod", cpuGroup(1));
    tree.add("pod/inner", cpuGroup(1));
    tree.remove("pod");
    tree.writeCounters();
    expect(existsSync(join(directory, "pod"))).toBe(false);
  });
});

describe("a /proc", () => {
  it("tells the load, the memory, the boot and the processes", () => {
    const proc = new ProcTree(directory, { cores: 2, memoryBytes: 8 * 2 ** 30, bootId: "b-1" });
    proc.addProcess(7, "pause");
    proc.writeLoad(3_000_000, 10_000_000);
    expect(text("stat").split("\n").slice(0, 2)).toEqual([
      "cpu  300 0 0 1700 0 0 0 0 0 0",
      "cpu0 150 0 0 850 0 0 0 0 0 0",
    ]);
    expect(text("meminfo")).toMatch(/^MemTotal: +8388608 kB\nMemFree: +4194304 kB\nMemAvailable: +6291456 kB\n$/);
    expect([text("7/comm"), text("sys/kernel/random/boot_id")]).toEqual(["pause\n", "b-1\n"]);
    proc.close();
  });
});

import type { CgroupLayout } from "./cgroupNames.ts";
import { periodUsec } from "./cgroupValues.ts";
import type { CpuGroup } from "./cpuGroup.ts";

/** What files say, by name. */
export type FileTexts = Readonly<Record<string, string>>;

/** How much of CPU time the simulated programs spend in their own code; the rest is the kernel's. */
const userShare = 0.9;
const usecPerTick = 10_000;

/** Files that change with every period. */
export function counterFiles(version: CgroupLayout["version"], group: CpuGroup): FileTexts {
  return version === "v2" ? countersV2(group) : countersV1(group);
}

/** Files that change when the group's settings change. */
export function settingFiles(version: CgroupLayout["version"], group: CpuGroup): FileTexts {
  const quotaUsec = group.quotaCores === Infinity ? undefined : Math.round(group.quotaCores * periodUsec);
  if (version === "v2") {
    return { "cpu.max": `${quotaUsec ?? "max"} ${periodUsec}\n`, "cpu.weight": `${group.weight}\n` };
  }
  return { "cpu.cfs_quota_us": `${quotaUsec ?? -1}\n`, "cpu.shares": `${group.weight}\n` };
}

/** Files that stay as they are. */
export function fixedFiles(version: CgroupLayout["version"], pids: readonly number[]): FileTexts {
  const procs = pids.map((pid) => `${pid}\n`).join("");
  if (version === "v1") {
    return { "cpu.cfs_period_us": `${periodUsec}\n`, "cgroup.procs": procs, tasks: procs, notify_on_release: "0\n" };
  }
  return {
    "cgroup.procs": procs,
    "cgroup.controllers": "cpuset cpu io memory pids\n",
    "cgroup.type": "domain\n",
    "cgroup.events": "populated 1\nfrozen 0\n",
    "cpu.max.burst": "0\n",
  };
}

/** What only the root of a hierarchy has, and what tells it apart. */
export function rootFiles(version: CgroupLayout["version"]): FileTexts {
  if (version === "v1")
    return { release_agent: "\n", "cgroup.sane_behavior": "0\n", "cgroup.procs": "1\n", tasks: "1\n" };
  return {
    "cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
    "cgroup.subtree_control": "cpuset cpu io memory pids\n",
    "cgroup.procs": "1\n",
  };
}

function countersV2(group: CpuGroup): FileTexts {
  const usage = Math.floor(group.usedUsec);
  const user = Math.floor(usage * userShare);
  const stat = [
    `usage_usec ${usage}`,
    `user_usec ${user}`,
    `system_usec ${usage - user}`,
    `nr_periods ${Math.round(group.periods)}`,
    `nr_throttled ${Math.round(group.throttledPeriods)}`,
    `throttled_usec ${Math.floor(group.throttledUsec)}`,
    "nr_bursts 0",
    "burst_usec 0",
  ];
  const averages = "avg10=0.00 avg60=0.00 avg300=0.00";
  const stalled = Math.floor(group.stalledUsec);
  return {
    "cpu.stat": `${stat.join("\n")}\n`,
    "cpu.pressure": `some ${averages} total=${stalled}\nfull ${averages} total=0\n`,
  };
}

function countersV1(group: CpuGroup): FileTexts {
  const user = Math.floor((group.usedUsec * userShare) / usecPerTick);
  const system = Math.floor((group.usedUsec * (1 - userShare)) / usecPerTick);
  const throttledNanos = Math.floor(group.throttledUsec * 1000);
  return {
    "cpu.stat": `nr_periods ${Math.round(group.periods)}\nnr_throttled ${Math.round(group.throttledPeriods)}\nthrottled_time ${throttledNanos}\n`,
    "cpuacct.usage": `${Math.floor(group.usedUsec * 1000)}\n`,
    "cpuacct.stat": `user ${user}\nsystem ${system}\n`,
  };
}

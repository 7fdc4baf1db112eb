import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a node's kubelet and runtime lay out groups. */
export interface FixtureLayout {
  readonly version: "v1" | "v2" | "hybrid";
  readonly driver: "systemd" | "cgroupfs";
  readonly runtime: "containerd" | "cri-o" | "docker";
}

/** What a group's files say; what is not given is zero, unlimited, or the kernel's default. */
export interface GroupState {
  readonly usageUsec?: number;
  readonly periods?: number;
  readonly throttledPeriods?: number;
  readonly throttledUsec?: number;
  readonly pressureUsec?: number;
  readonly quotaUsec?: number;
  readonly sharesOrWeight?: number;
  readonly pids?: readonly number[];
}

export type Qos = "guaranteed" | "burstable" | "besteffort";

const scopes = { containerd: "cri-containerd", "cri-o": "crio", docker: "docker" } as const;

/** Every combination a node can be in. */
export const allLayouts: readonly FixtureLayout[] = (["v1", "v2", "hybrid"] as const).flatMap((version) =>
  (["systemd", "cgroupfs"] as const).flatMap((driver) =>
    (["containerd", "cri-o", "docker"] as const).map((runtime) => ({ version, driver, runtime })),
  ),
);

/** A pod's group as kubelet names it, below the directory its tree is in. */
export function podPath({ driver }: FixtureLayout, qos: Qos, name: string, slice = "kubepods"): string {
  if (driver === "cgroupfs") return join("kubepods", qos === "guaranteed" ? "" : qos, `pod${name}`);
  const prefix = qos === "guaranteed" ? slice : `${slice}-${qos}`;
  return join(
    `${slice}.slice`,
    qos === "guaranteed" ? "" : `${prefix}.slice`,
    `${prefix}-pod${name.replaceAll("-", "_")}.slice`,
  );
}

/** A container's group as its runtime names it, below its pod's. */
export function containerGroup({ driver, runtime }: FixtureLayout, id: string): string {
  if (driver === "systemd") return `${scopes[runtime]}-${id}.scope`;
  return runtime === "cri-o" ? `crio-${id}` : id;
}

/** A container id made of one digit. */
export function containerId(digit: string): string {
  return digit.repeat(64);
}

/** A tree in a temporary folder that looks like a machine's cgroup and proc file systems. */
export class CgroupFixture {
  readonly layout: FixtureLayout;
  readonly directory: string = mkdtempSync(join(tmpdir(), "walras-agent-"));
  readonly cgroupRoot: string = join(this.directory, "cgroup");
  readonly procRoot: string = join(this.directory, "proc");

  constructor(layout: FixtureLayout) {
    this.layout = layout;
    this.proc({ busy: 0, idle: 0 });
    if (layout.version === "v2") this.file("cgroup.controllers", "cpu memory\n");
    else this.file("cpu,cpuacct/release_agent", "\n");
    if (layout.version === "hybrid") this.file("unified/cgroup.controllers", "\n");
  }

  /** Makes a group, or changes what its files say. */
  group(path: string, state: GroupState = {}): void {
    if (this.layout.version === "v2") this.#groupV2(path, state);
    else this.#groupV1(path, state);
  }

  remove(path: string): void {
    for (const hierarchy of ["", "cpu,cpuacct", "unified"]) {
      rmSync(join(this.cgroupRoot, hierarchy, path), { recursive: true, force: true });
    }
  }

  /** Times of all CPUs in ticks. */
  proc({ busy, idle }: { busy: number; idle: number }): void {
    this.procFile("stat", `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 ${busy} 0 0 ${idle} 0 0 0 0 0 0\nintr 1\n`);
    this.procFile("meminfo", "MemTotal:        4096 kB\nMemFree:    1 kB\nMemAvailable:   1024 kB\n");
    this.procFile("sys/kernel/random/boot_id", "boot-1\n");
  }

  process(pid: number, program: string): void {
    this.procFile(`${pid}/comm`, `${program}\n`);
  }

  procFile(path: string, text: string): void {
    write(join(this.procRoot, path), text);
  }

  /** Any file of the cgroup tree. */
  file(path: string, text: string): void {
    write(join(this.cgroupRoot, path), text);
  }

  destroy(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #groupV2(path: string, state: GroupState): void {
    const { usageUsec = 0, throttledUsec = 0, quotaUsec, sharesOrWeight = 100 } = state;
    const say = (name: string, text: string): void => this.file(join(path, name), text);
    say(
      "cpu.stat",
      `usage_usec ${usageUsec}\nuser_usec 0\nsystem_usec 0\n${throttleLines(state)}throttled_usec ${throttledUsec}\n`,
    );
    say("cpu.max", `${quotaUsec ?? "max"} 100000\n`);
    say("cpu.weight", `${sharesOrWeight}\n`);
    say("cpu.pressure", pressureText(state));
    say("cgroup.procs", pidLines(state));
    say("cgroup.type", "domain\n");
  }

  #groupV1(path: string, state: GroupState): void {
    const { usageUsec = 0, throttledUsec = 0, quotaUsec = -1, sharesOrWeight = 1024 } = state;
    const say = (name: string, text: string): void => this.file(join("cpu,cpuacct", path, name), text);
    say("cpuacct.usage", `${usageUsec * 1000}\n`);
    say("cpu.stat", `${throttleLines(state)}throttled_time ${throttledUsec * 1000}\n`);
    say("cpu.cfs_quota_us", `${quotaUsec}\n`);
    say("cpu.cfs_period_us", "100000\n");
    say("cpu.shares", `${sharesOrWeight}\n`);
    say("cgroup.procs", pidLines(state));
    if (this.layout.version === "hybrid") this.file(join("unified", path, "cpu.pressure"), pressureText(state));
  }
}

function throttleLines({ periods = 0, throttledPeriods = 0 }: GroupState): string {
  return `nr_periods ${periods}\nnr_throttled ${throttledPeriods}\n`;
}

function pressureText({ pressureUsec = 0 }: GroupState): string {
  const averages = "avg10=0.00 avg60=0.00 avg300=0.00";
  return `some ${averages} total=${pressureUsec}\nfull ${averages} total=0\n`;
}

function pidLines({ pids = [] }: GroupState): string {
  return pids.map((pid) => `${pid}\n`).join("");
}

function write(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

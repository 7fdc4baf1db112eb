import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Counters of a container as the kernel of this machine has them (cgroup v1). */
export interface KernelView {
  readonly atMs: number;
  readonly usageNanos: number;
  readonly periods: number;
  readonly throttled: number;
  /** Time in which it wanted to run and its quota was used up, of all processors together. */
  readonly throttledNanos: number;
  readonly quotaMilli: number | null;
}

/** What of this machine's CPU others than the pods of its nodes have used so far. */
export function othersNanos(): number {
  const pods = podRoots("/sys/fs/cgroup/cpuacct")
    .map((folder) => Number(readFileSync(join(folder, "cpuacct.usage"), "utf8")))
    .reduce((sum, nanos) => sum + nanos, 0);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0] =
    /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]?.split(" ").map(Number) ?? [];
  return (user + nice + system + interrupts + soft) * nanosPerTick - pods;
}

const nanosPerTick = 1e7;

/** Reads a container's cgroup: the truth that tests compare with. */
export class KernelContainer {
  readonly #cpu: string;
  readonly #cpuacct: string;

  constructor(containerId: string) {
    const bare = containerId.slice(containerId.indexOf("://") + 3);
    this.#cpu = find("/sys/fs/cgroup/cpu", bare);
    this.#cpuacct = find("/sys/fs/cgroup/cpuacct", bare);
  }

  read(): KernelView {
    const stat = readFileSync(join(this.#cpu, "cpu.stat"), "utf8");
    const field = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
    const quota = Number(readFileSync(join(this.#cpu, "cpu.cfs_quota_us"), "utf8"));
    const period = Number(readFileSync(join(this.#cpu, "cpu.cfs_period_us"), "utf8"));
    return {
      atMs: performance.now(),
      usageNanos: Number(readFileSync(join(this.#cpuacct, "cpuacct.usage"), "utf8")),
      periods: field("nr_periods"),
      throttled: field("nr_throttled"),
      throttledNanos: field("throttled_time"),
      quotaMilli: quota < 0 ? null : (quota * 1000) / period,
    };
  }

  /** Millicores used since an earlier view. */
  usageMilliSince(earlier: KernelView): number {
    const now = this.read();
    return (now.usageNanos - earlier.usageNanos) / 1e6 / ((now.atMs - earlier.atMs) / 1000);
  }

  /** Share of periods throttled since an earlier view. */
  throttledRatioSince(earlier: KernelView): number {
    const now = this.read();
    return (now.throttled - earlier.throttled) / Math.max(1, now.periods - earlier.periods);
  }
}

/** The groups of all pods: of the machine's own node, and of those that live below a root of their own. */
function podRoots(root: string): readonly string[] {
  const folders = ["", ...readdirSync(root)].map((name) => join(root, name, "kubepods"));
  return folders.filter((folder) => existsSync(folder));
}

function find(root: string, containerId: string): string {
  for (const base of podRoots(root)) {
    for (const tier of [base, join(base, "burstable"), join(base, "besteffort")]) {
      const pod = existsSync(tier) && readdirSync(tier).find((name) => existsSync(join(tier, name, containerId)));
      if (pod) return join(tier, pod, containerId);
    }
  }
  throw new Error(`no cgroup of container ${containerId} under ${root}`);
}

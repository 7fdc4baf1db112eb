import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Counters of a container as the kernel of this machine has them (cgroup v1). */
export interface KernelView {
  readonly atMs: number;
  readonly usageNanos: number;
  readonly periods: number;
  readonly throttled: number;
  readonly quotaMilli: number | null;
}

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

function find(root: string, containerId: string): string {
  for (const base of [join(root, "kubepods"), ...readdirSync(root).map((name) => join(root, name, "kubepods"))]) {
    if (!existsSync(base)) continue;
    for (const tier of [base, join(base, "burstable"), join(base, "besteffort")]) {
      const pod = existsSync(tier) && readdirSync(tier).find((name) => existsSync(join(tier, name, containerId)));
      if (pod) return join(tier, pod, containerId);
    }
  }
  throw new Error(`no cgroup of container ${containerId} under ${root}`);
}

import { join } from "node:path";

import { KernelFile } from "../text/kernelFile.ts";
import type { KernelText } from "../text/kernelText.ts";
import {
  neverThrottled,
  parseNumber,
  parsePressureNanos,
  parseQuotaMilliV2,
  parseQuotaUsecV1,
  parseThrottleV1,
  parseThrottleV2,
  parseUsageNanosV1,
  parseUsageNanosV2,
  quotaMilli,
  type ThrottleCounters,
} from "./counters.ts";
import type { Hierarchy } from "./hierarchy.ts";

/** What a group has used and suffered since it was made. */
export interface GroupCounters extends ThrottleCounters {
  readonly usageNanos: number;
  /** Time in which some task waited for CPU; null where the kernel does not tell. */
  readonly pressureNanos: number | null;
}

/** One group of the CPU controller. Its files are opened once. */
export interface CpuGroup {
  /** @returns null where the group is gone @throws Error naming the file that cannot be read or understood */
  counters(): GroupCounters | null;
  /** Without usage and pressure; a group without the file was never throttled. @throws as counters */
  throttle(): ThrottleCounters;
  /** Thousandths of a core; null where unlimited. @throws as counters */
  quotaMilli(): number | null;
  /** cpu.shares on v1, cpu.weight on v2; null where the kernel does not tell. @throws as counters */
  sharesOrWeight(): number | null;
  close(): void;
}

/** @param path of the group, relative to the hierarchy's root */
export function openCpuGroup(hierarchy: Hierarchy, path: string, text: KernelText): CpuGroup {
  return hierarchy.files === "v2" ? new CpuGroupV2(hierarchy, path, text) : new CpuGroupV1(hierarchy, path, text);
}

class CpuGroupV2 implements CpuGroup {
  readonly #text: KernelText;
  readonly #stat: KernelFile;
  readonly #max: KernelFile;
  readonly #weight: KernelFile;
  readonly #pressure: KernelFile;

  constructor({ cpuDirectory, keepOpen }: Hierarchy, path: string, text: KernelText) {
    const file = (name: string): KernelFile => new KernelFile(join(cpuDirectory, path, name), keepOpen);
    this.#text = text;
    this.#stat = file("cpu.stat");
    this.#max = file("cpu.max");
    this.#weight = file("cpu.weight");
    this.#pressure = file("cpu.pressure");
  }

  counters(): GroupCounters | null {
    if (!this.#stat.read(this.#text)) return null;
    const usageNanos = parseUsageNanosV2(this.#text, this.#stat.path);
    const { periods, throttledPeriods, throttledNanos } = parseThrottleV2(this.#text, this.#stat.path);
    const pressureNanos = readPressure(this.#pressure, this.#text);
    return { usageNanos, periods, throttledPeriods, throttledNanos, pressureNanos };
  }

  throttle(): ThrottleCounters {
    return this.#stat.read(this.#text) ? parseThrottleV2(this.#text, this.#stat.path) : neverThrottled;
  }

  quotaMilli(): number | null {
    return this.#max.read(this.#text) ? parseQuotaMilliV2(this.#text, this.#max.path) : null;
  }

  sharesOrWeight(): number | null {
    return this.#weight.read(this.#text) ? parseNumber(this.#text, this.#weight.path) : null;
  }

  close(): void {
    for (const file of [this.#stat, this.#max, this.#weight, this.#pressure]) file.close();
  }
}

/** Documentation/scheduler/sched-bwc.rst */
const defaultPeriodUsec = 100_000;

class CpuGroupV1 implements CpuGroup {
  readonly #text: KernelText;
  readonly #usage: KernelFile;
  readonly #stat: KernelFile;
  readonly #quota: KernelFile;
  readonly #period: KernelFile;
  readonly #shares: KernelFile;
  readonly #pressure: KernelFile;

  constructor(hierarchy: Hierarchy, path: string, text: KernelText) {
    const { cpuDirectory, accountDirectory, pressureDirectory, keepOpen } = hierarchy;
    const file = (directory: string, name: string): KernelFile => new KernelFile(join(directory, path, name), keepOpen);
    this.#text = text;
    this.#usage = file(accountDirectory, "cpuacct.usage");
    this.#stat = file(cpuDirectory, "cpu.stat");
    this.#quota = file(cpuDirectory, "cpu.cfs_quota_us");
    this.#period = file(cpuDirectory, "cpu.cfs_period_us");
    this.#shares = file(cpuDirectory, "cpu.shares");
    this.#pressure = file(pressureDirectory, "cpu.pressure");
  }

  counters(): GroupCounters | null {
    if (!this.#usage.read(this.#text)) return null;
    const usageNanos = parseUsageNanosV1(this.#text, this.#usage.path);
    const { periods, throttledPeriods, throttledNanos } = this.throttle();
    const pressureNanos = readPressure(this.#pressure, this.#text);
    return { usageNanos, periods, throttledPeriods, throttledNanos, pressureNanos };
  }

  throttle(): ThrottleCounters {
    return this.#stat.read(this.#text) ? parseThrottleV1(this.#text, this.#stat.path) : neverThrottled;
  }

  quotaMilli(): number | null {
    if (!this.#quota.read(this.#text)) return null;
    const quotaUsec = parseQuotaUsecV1(this.#text, this.#quota.path);
    if (quotaUsec === null) return null;
    const told = this.#period.read(this.#text);
    return quotaMilli(quotaUsec, told ? parseNumber(this.#text, this.#period.path) : defaultPeriodUsec);
  }

  sharesOrWeight(): number | null {
    return this.#shares.read(this.#text) ? parseNumber(this.#text, this.#shares.path) : null;
  }

  close(): void {
    for (const file of [this.#usage, this.#stat, this.#quota, this.#period, this.#shares, this.#pressure]) file.close();
  }
}

function readPressure(file: KernelFile, text: KernelText): number | null {
  return file.read(text) ? parsePressureNanos(text, file.path) : null;
}

import { errorAt } from "@walras/kit";

import type { KernelText } from "../text/kernelText.ts";
import { afterWord, type FieldKey, fieldKey, nextLine, nextWord, unsignedAt, valueStart } from "../text/scan.ts";

/** How often a group ran into its quota since it was made. */
export interface ThrottleCounters {
  readonly periods: number;
  readonly throttledPeriods: number;
  /** Summed over run queues. */
  readonly throttledNanos: number;
}

const nanosPerUsec = 1000;

const keys = {
  usageUsec: fieldKey("usage_usec "),
  periods: fieldKey("nr_periods "),
  throttledPeriods: fieldKey("nr_throttled "),
  throttledNanos: fieldKey("throttled_time "),
  throttledUsec: fieldKey("throttled_usec "),
  someLine: fieldKey("some "),
  total: fieldKey("total="),
} as const;

/** A group that has never had a quota. */
export const neverThrottled: ThrottleCounters = { periods: 0, throttledPeriods: 0, throttledNanos: 0 };

/** v1 cpuacct.usage: nanoseconds. @throws FieldError naming the file and what it says */
export function parseUsageNanosV1(text: KernelText, file: string): number {
  return checked(unsignedAt(text, 0), text, file);
}

/** v2 cpu.stat, usage_usec: microseconds, given as nanoseconds. @throws FieldError naming the file and what it says */
export function parseUsageNanosV2(text: KernelText, file: string): number {
  return checked(unsignedAt(text, valueStart(text, keys.usageUsec)), text, file) * nanosPerUsec;
}

/** v1 cpu.stat: throttled_time in nanoseconds. @throws FieldError naming the file and what it says */
export function parseThrottleV1(text: KernelText, file: string): ThrottleCounters {
  return parseThrottle(text, file, { key: keys.throttledNanos, nanos: 1 });
}

/** v2 cpu.stat: throttled_usec in microseconds; absent where the CPU controller is off. @throws FieldError naming the file and what it says */
export function parseThrottleV2(text: KernelText, file: string): ThrottleCounters {
  return parseThrottle(text, file, { key: keys.throttledUsec, nanos: nanosPerUsec });
}

/**
 * cpu.pressure: the total of its line "some", in microseconds, given as nanoseconds
 * (Documentation/accounting/psi.rst).
 *
 * @returns null where there is no such line
 * @throws FieldError naming the file and what it says
 */
export function parsePressureNanos(text: KernelText, file: string): number | null {
  if (valueStart(text, keys.someLine) !== keys.someLine.length) return null;
  return checked(unsignedAt(text, afterWord(text, keys.total)), text, file) * nanosPerUsec;
}

/** The kernel writes the fields in this order (cpu_extra_stat_show and cpu_cfs_stat_show in kernel/sched/core.c). */
function parseThrottle(text: KernelText, file: string, time: { key: FieldKey; nanos: number }): ThrottleCounters {
  const first = valueStart(text, keys.periods);
  if (first < 0) return neverThrottled;
  const second = valueStart(text, keys.throttledPeriods, nextLine(text, first));
  const third = valueStart(text, time.key, nextLine(text, Math.max(first, second)));
  return {
    periods: checked(unsignedAt(text, first), text, file),
    throttledPeriods: checked(unsignedAt(text, second), text, file),
    throttledNanos: checked(unsignedAt(text, third), text, file) * time.nanos,
  };
}

function checked(value: number, text: KernelText, file: string): number {
  if (Number.isNaN(value)) throw errorAt(file, text.excerpt(), "is not what this kernel file should say");
  return value;
}

const unlimitedV2 = fieldKey("max");
const unlimitedV1 = fieldKey("-");

/**
 * v2 cpu.max: "QUOTA PERIOD" in microseconds, or "max PERIOD".
 *
 * @returns thousandths of a core; null where unlimited
 * @throws FieldError naming the file and what it says
 */
export function parseQuotaMilliV2(text: KernelText, file: string): number | null {
  if (valueStart(text, unlimitedV2) === unlimitedV2.length) return null;
  const periodUsec = checked(unsignedAt(text, nextWordOrEnd(text)), text, file);
  return quotaMilli(checked(unsignedAt(text, 0), text, file), periodUsec);
}

/** v1 cpu.cfs_quota_us: microseconds. @returns null for -1, unlimited @throws FieldError naming the file and what it says */
export function parseQuotaUsecV1(text: KernelText, file: string): number | null {
  if (valueStart(text, unlimitedV1) === unlimitedV1.length) return null;
  return checked(unsignedAt(text, 0), text, file);
}

/** A file that holds one number: cpu.cfs_period_us, cpu.shares, cpu.weight. @throws FieldError naming the file and what it says */
export function parseNumber(text: KernelText, file: string): number {
  return checked(unsignedAt(text, 0), text, file);
}

/** Quota over period in thousandths of a core; null where there is no period to divide by. */
export function quotaMilli(quotaUsec: number, periodUsec: number): number | null {
  return periodUsec > 0 ? (quotaUsec / periodUsec) * 1000 : null;
}

function nextWordOrEnd(text: KernelText): number {
  const start = nextWord(text, 0);
  return start < 0 ? text.length : start;
}

import type { GroupCounters } from "../cgroup/cpuGroup.ts";
import type { ThrottleCounters } from "../cgroup/counters.ts";

/** A container's counters at one moment. */
export interface CounterSnapshot {
  /** Monotonic. */
  readonly atMs: number;
  readonly container: GroupCounters;
  /** Of the pod's group and of groups within the container's: throttling is not hierarchical. */
  readonly others: readonly ThrottleCounters[];
}

/** What happened between two moments. */
export interface WindowRates {
  readonly usageMilli: number;
  readonly throttledRatio: number | null;
  readonly throttledMilli: number;
  readonly pressureRatio: number | null;
}

const nanosPerMs = 1e6;

/**
 * The rates between two snapshots of the same groups.
 *
 * @returns null where a counter went back or no time passed: then nothing is known of the window
 */
export function ratesBetween(before: CounterSnapshot, after: CounterSnapshot): WindowRates | null {
  const windowNanos = (after.atMs - before.atMs) * nanosPerMs;
  const usedNanos = after.container.usageNanos - before.container.usageNanos;
  const throttled = throttledBetween(before, after);
  const waitedNanos = pressureBetween(before.container.pressureNanos, after.container.pressureNanos);
  if (!(windowNanos > 0) || usedNanos < 0 || throttled === null || (waitedNanos ?? 0) < 0) return null;
  return {
    usageMilli: (usedNanos / windowNanos) * 1000,
    throttledRatio: throttled.ratio,
    throttledMilli: (throttled.nanos / windowNanos) * 1000,
    pressureRatio: waitedNanos === null ? null : Math.min(1, waitedNanos / windowNanos),
  };
}

interface Throttled {
  /** null where no period ended */
  ratio: number | null;
  nanos: number;
}

/** The worst of all groups; null where a counter of one went back. */
function throttledBetween(before: CounterSnapshot, after: CounterSnapshot): Throttled | null {
  const worst: Throttled = { ratio: null, nanos: 0 };
  let known = addThrottled(worst, before.container, after.container);
  for (let index = 0; index < after.others.length; index += 1) {
    const earlier = before.others[index];
    const later = after.others[index];
    known &&= earlier !== undefined && later !== undefined && addThrottled(worst, earlier, later);
  }
  return known ? worst : null;
}

function addThrottled(worst: Throttled, before: ThrottleCounters, after: ThrottleCounters): boolean {
  const periods = after.periods - before.periods;
  const throttledPeriods = after.throttledPeriods - before.throttledPeriods;
  const nanos = after.throttledNanos - before.throttledNanos;
  if (periods > 0) worst.ratio = Math.max(worst.ratio ?? 0, Math.min(1, throttledPeriods / periods));
  worst.nanos = Math.max(worst.nanos, nanos);
  return periods >= 0 && throttledPeriods >= 0 && nanos >= 0;
}

function pressureBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

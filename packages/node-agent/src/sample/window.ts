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
  const throttles = throttlesBetween(before, after);
  const waitedNanos = pressureBetween(before.container.pressureNanos, after.container.pressureNanos);
  if (!(windowNanos > 0) || usedNanos < 0 || throttles === null || (waitedNanos ?? 0) < 0) return null;
  const ratios = throttles.flatMap(({ periods, throttledPeriods }) =>
    periods > 0 ? [Math.min(1, throttledPeriods / periods)] : [],
  );
  return {
    usageMilli: (usedNanos / windowNanos) * 1000,
    throttledRatio: ratios.length > 0 ? Math.max(...ratios) : null,
    throttledMilli: (Math.max(...throttles.map((one) => one.throttledNanos)) / windowNanos) * 1000,
    pressureRatio: waitedNanos === null ? null : Math.min(1, waitedNanos / windowNanos),
  };
}

function throttlesBetween(before: CounterSnapshot, after: CounterSnapshot): ThrottleCounters[] | null {
  if (before.others.length !== after.others.length) return null;
  const earlier = [before.container, ...before.others];
  const later = [after.container, ...after.others];
  const deltas: ThrottleCounters[] = [];
  for (const [index, one] of later.entries()) {
    const delta = throttleDelta(earlier[index] ?? one, one);
    if (delta === null) return null;
    deltas.push(delta);
  }
  return deltas;
}

function throttleDelta(before: ThrottleCounters, after: ThrottleCounters): ThrottleCounters | null {
  const periods = after.periods - before.periods;
  const throttledPeriods = after.throttledPeriods - before.throttledPeriods;
  const throttledNanos = after.throttledNanos - before.throttledNanos;
  return periods < 0 || throttledPeriods < 0 || throttledNanos < 0
    ? null
    : { periods, throttledPeriods, throttledNanos };
}

function pressureBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

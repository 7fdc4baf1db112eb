import type { PodGhost, PodPoints } from "@walras/api";

/** Limits that are as near as this are the same. */
const sameShare = 0.01;
/** A longer gap between two points was not watched. */
const longestGapSeconds = 10;

/**
 * What the declared limit would have done with the same work: at each point the
 * pod wanted w = used + throttled, since throttled time is CPU that it would
 * have used (cpu.stat, summed over run queues).
 *
 * | the limit then | it would have used | it would have been throttled |
 * | -------------- | ------------------ | ---------------------------- |
 * | the declared   | what it used       | as it was                    |
 * | larger         | min(w, declared)   | max(as it was, w − declared) |
 * | smaller        | min(w, declared)   | max(0, w − declared)         |
 *
 * It is a lower bound: work that waits is not added to the next point's, and
 * bursts shorter than a point are not seen where a larger limit let them pass.
 *
 * @param declaredLimitMilli null: nothing would have stopped it
 */
export function ghostOf(points: PodPoints, declaredLimitMilli: number | null): PodGhost {
  const all = points.t.map((_, index) => ghostAt(points, index, declaredLimitMilli));
  return {
    used: all.map(({ used }) => used),
    throttled: all.map(({ throttled }) => throttled),
    declaredLimitMilli,
    throttledSeconds: secondsOf(
      points.t,
      all.map(({ throttled }) => throttled),
    ),
    actualThrottledSeconds: secondsOf(points.t, points.throttled),
  };
}

interface GhostPoint {
  readonly used: number | null;
  readonly throttled: number | null;
}

function ghostAt(points: PodPoints, index: number, declared: number | null): GhostPoint {
  const used = points.used[index] ?? null;
  const throttled = points.throttled[index] ?? null;
  if (used === null || throttled === null) return { used: null, throttled: null };
  const wanted = used + throttled;
  if (declared === null) return { used: wanted, throttled: 0 };
  const limit = points.limit[index] ?? Infinity;
  if (Math.abs(limit - declared) <= sameShare * declared) return { used, throttled };
  const lacking = Math.max(0, wanted - declared);
  return { used: Math.min(wanted, declared), throttled: limit > declared ? Math.max(throttled, lacking) : lacking };
}

/** Each point stands for the time since the one before. @returns null where none is known */
function secondsOf(t: readonly number[], milli: readonly (number | null)[]): number | null {
  let seconds: number | null = null;
  for (const [index, at] of t.entries()) {
    const value = milli[index] ?? null;
    const before = t[index - 1];
    if (value === null || before === undefined) continue;
    seconds = (seconds ?? 0) + Math.min(longestGapSeconds, at - before) * (value / 1000);
  }
  return seconds === null ? null : Math.round(seconds * 100) / 100;
}

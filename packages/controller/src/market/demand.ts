import type { MarketPolicy } from "./policy.ts";

/** What an agent saw of one container in one window. */
export interface UsageSample {
  /** End of the window on the controller's monotonic clock. */
  readonly atMs: number;
  readonly usageMilli: number;
  /** Throttled periods over all periods, 0..1; null where no quota is enforced. */
  readonly throttledRatio: number | null;
  /** Time spent throttled, summed over run queues, in thousandths of a core. */
  readonly throttledMilli: number;
  /** Share of the window some task waited for CPU (PSI), 0..1; null where unknown. */
  readonly pressureRatio: number | null;
  /** The quota the kernel enforced; null without one. */
  readonly quotaMilli: number | null;
}

/** What is believed of a container's demand after all samples so far. */
export interface Demand {
  readonly sample: UsageSample;
  /** The CPU it would use now if nothing held it back. */
  readonly wantedMilli: number;
  /** The most it was seen to use lately: a peak that fades. */
  readonly peakMilli: number;
  readonly peakAtMs: number;
  /** The CPU it uses over time, waiting for the node included. */
  readonly meanMilli: number;
  /** Relative headroom that throttling has taught. */
  readonly margin: number;
  /** The last cut the kernel showed; null once it has stood the test. */
  readonly cut: { readonly fromMilli: number; readonly atMs: number } | null;
  /** Nothing shrinks before this moment. */
  readonly holdUntilMs: number;
}

/** The belief after one more sample. Samples older than the last are ignored. */
export function observe(before: Demand | undefined, sample: UsageSample, policy: MarketPolicy): Demand {
  if (!before) return firstImpression(sample, policy);
  const elapsedMs = sample.atMs - before.sample.atMs;
  if (elapsedMs <= 0) return before;
  const cut = cutSeen(before, sample, policy);
  const margin = learnedMargin(before.margin, sample, elapsedMs, policy);
  const restoredMilli = cut ? restored(cut.fromMilli, sample, policy) : 0;
  const unthrottled = unthrottledMilli(sample, policy);
  const peak = Math.max(sample.usageMilli, restoredMilli / (1 + margin));
  return {
    sample,
    wantedMilli: Math.max(unthrottled, mix(before.wantedMilli, unthrottled, elapsedMs, policy.wantedHalfLifeMs)),
    ...fadedPeak(before, peak, sample.atMs, policy),
    meanMilli: movedMean(before.meanMilli, contendedMilli(sample, unthrottled), elapsedMs, policy),
    margin,
    cut: restoredMilli > 0 ? null : cut,
    holdUntilMs: restoredMilli > 0 ? sample.atMs + policy.rollbackHoldMs : before.holdUntilMs,
  };
}

/**
 * The limit that takes back a cut which throttles, as far as it throttles: all
 * of it when every second period is, none while throttling is acceptable.
 *
 * @returns millicores of limit, 0 where nothing is taken back
 */
function restored(fromMilli: number, sample: UsageSample, policy: MarketPolicy): number {
  const { quotaMilli } = sample;
  const ratio = sample.throttledRatio ?? 0;
  if (quotaMilli === null || ratio <= policy.targetThrottledRatio) return 0;
  return quotaMilli + (fromMilli - quotaMilli) * Math.min(1, ratio / fullRollbackRatio);
}

/** Throttled this often after a cut, the whole cut was wrong. */
const fullRollbackRatio = 0.5;

function firstImpression(sample: UsageSample, policy: MarketPolicy): Demand {
  const wantedMilli = unthrottledMilli(sample, policy);
  return {
    sample,
    wantedMilli,
    peakMilli: sample.usageMilli,
    peakAtMs: sample.atMs,
    meanMilli: contendedMilli(sample, wantedMilli),
    margin: learnedMargin(policy.minMargin, sample, 0, policy),
    cut: null,
    holdUntilMs: 0,
  };
}

/**
 * What the container would have used without its quota. The kernel says how
 * long it stood throttled; had it run all that time it would have used
 * usage + throttled, which is exact for a task that never pauses and too much
 * for one that had nearly finished. So growth in one step is bounded as well:
 *
 * | throttled periods | at most, growth 3 |
 * | ----------------- | ----------------- |
 * | 2 %               | 1.06 × usage      |
 * | 50 %              | 2.5 × usage       |
 * | 100 %             | 4 × usage         |
 */
function unthrottledMilli(sample: UsageSample, policy: MarketPolicy): number {
  const { usageMilli, throttledMilli } = sample;
  const ratio = sample.throttledRatio ?? 0;
  if (ratio === 0) return usageMilli;
  return Math.min(usageMilli + throttledMilli, usageMilli * (1 + policy.throttledGrowth * ratio));
}

/**
 * Waiting without being throttled means the node is busy, not the limit low:
 * that asks for a larger guarantee, up to what the wait would have held.
 */
function contendedMilli(sample: UsageSample, wantedMilli: number): number {
  const throttled = (sample.throttledRatio ?? 0) > 0;
  if (throttled || sample.pressureRatio === null) return wantedMilli;
  return sample.usageMilli * (1 + sample.pressureRatio);
}

function movedMean(before: number, now: number, elapsedMs: number, policy: MarketPolicy): number {
  return mix(before, now, elapsedMs, now > before ? policy.risingHalfLifeMs : policy.meanHalfLifeMs);
}

function fadedPeak(
  before: Demand,
  seenMilli: number,
  nowMs: number,
  policy: MarketPolicy,
): Pick<Demand, "peakMilli" | "peakAtMs"> {
  if (seenMilli >= before.peakMilli) return { peakMilli: seenMilli, peakAtMs: nowMs };
  const heldUntilMs = before.peakAtMs + policy.peakHoldMs;
  const fadingMs = nowMs - Math.max(heldUntilMs, before.sample.atMs);
  if (fadingMs <= 0) return { peakMilli: before.peakMilli, peakAtMs: before.peakAtMs };
  return { peakMilli: mix(before.peakMilli, seenMilli, fadingMs, policy.peakHalfLifeMs), peakAtMs: before.peakAtMs };
}

/**
 * After Autothrottle's Captain (NSDI'24): throttling beyond what is accepted is
 * added to the margin, where it shows bursts: the quota was not used up. One
 * that was is too low altogether, which is the level's concern, or rationed.
 */
function learnedMargin(before: number, sample: UsageSample, elapsedMs: number, policy: MarketPolicy): number {
  const usedUp = sample.quotaMilli !== null && sample.usageMilli >= usedUpShare * sample.quotaMilli;
  const excess = usedUp ? 0 : Math.max(0, (sample.throttledRatio ?? 0) - policy.targetThrottledRatio);
  const faded = mix(before, policy.minMargin, elapsedMs, policy.marginHalfLifeMs);
  return Math.min(policy.maxMargin, faded + excess * marginGain);
}

const usedUpShare = 0.95;

/** A second of full throttling widens the margin by a tenth: it corrects, the peak reacts. */
const marginGain = 0.1;

function cutSeen(before: Demand, sample: UsageSample, policy: MarketPolicy): Demand["cut"] {
  const was = before.sample.quotaMilli;
  const is = sample.quotaMilli;
  if (was !== null && is !== null && is < was) return { fromMilli: was, atMs: sample.atMs };
  if (before.cut && sample.atMs - before.cut.atMs > policy.rollbackWindowMs) return null;
  return before.cut;
}

/** Moves from `before` towards `target`, half the way in each half-life. */
function mix(before: number, target: number, elapsedMs: number, halfLifeMs: number): number {
  return target + (before - target) * 2 ** (-elapsedMs / halfLifeMs);
}

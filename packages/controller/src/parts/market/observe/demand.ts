import { isThrottled } from "../decide/bid.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import type { Demand, UsageSample } from "../decide/snapshot.ts";

/** A belief as it is learnt: of each container there is one, so that a second of a whole cluster leaves nothing to collect. */
export interface Belief extends Writable<Demand> {
  readonly sample: Writable<UsageSample>;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Takes in one more sample. @returns false for one that is not newer than the last, which teaches nothing */
export function learn(belief: Belief, sample: UsageSample, policy: MarketPolicy): boolean {
  const { atMs } = sample;
  const lastMs = belief.sample.atMs;
  const elapsedMs = atMs - lastMs;
  if (elapsedMs <= 0) return false;
  const cut = cutSeen(belief, sample, policy);
  const margin = learnedMargin(belief.margin, sample, elapsedMs, policy);
  const restoredMilli = cut ? restored(cut.fromMilli, sample, policy) : 0;
  const unthrottled = unthrottledMilli(sample, policy);
  belief.wantedMilli = Math.max(unthrottled, mix(belief.wantedMilli, unthrottled, elapsedMs, policy.wantedHalfLifeMs));
  belief.meanMilli = movedMean(belief.meanMilli, contendedMilli(sample, unthrottled), elapsedMs, policy);
  belief.margin = margin;
  seePeak(belief, Math.max(sample.usageMilli, restoredMilli / (1 + margin)), { atMs, lastMs, policy });
  seeSurge(belief, surgeOf(sample, unthrottled, policy), { atMs, lastMs, policy });
  belief.cut = restoredMilli > 0 ? null : cut;
  if (restoredMilli > 0) belief.holdUntilMs = atMs + policy.rollbackHoldMs;
  take(belief.sample, sample);
  return true;
}

interface Seen {
  readonly atMs: number;
  /** The sample before. */
  readonly lastMs: number;
  readonly policy: MarketPolicy;
}

function seePeak(belief: Belief, milli: number, { atMs, lastMs, policy }: Seen): void {
  const sinceMs = Math.max(belief.peakAtMs + policy.peakHoldMs, lastMs);
  if (milli >= belief.peakMilli) belief.peakAtMs = atMs;
  belief.peakMilli = faded(belief.peakMilli, milli, atMs - sinceMs, policy.peakHalfLifeMs);
}

function seeSurge(belief: Belief, milli: number, { atMs, lastMs, policy }: Seen): void {
  const sinceMs = Math.max(belief.surgeAtMs + policy.surgeHoldMs, lastMs);
  if (milli >= belief.surgeMilli) belief.surgeAtMs = atMs;
  belief.surgeMilli = faded(belief.surgeMilli, milli, atMs - sinceMs, policy.surgeHalfLifeMs);
}

function take(kept: Belief["sample"], sample: UsageSample): void {
  kept.atMs = sample.atMs;
  kept.usageMilli = sample.usageMilli;
  kept.throttledRatio = sample.throttledRatio;
  kept.throttledMilli = sample.throttledMilli;
  kept.pressureRatio = sample.pressureRatio;
  kept.quotaMilli = sample.quotaMilli;
}

/**
 * The limit that takes back a cut which throttles, as far as it throttles: all
 * of it when every second period is, none while throttling is acceptable.
 *
 * @returns millicores of limit, 0 where nothing is taken back
 */
function restored(fromMilli: number, sample: UsageSample, policy: MarketPolicy): number {
  const { quotaMilli } = sample;
  if (quotaMilli === null || !isThrottled(sample, policy)) return 0;
  return quotaMilli + (fromMilli - quotaMilli) * Math.min(1, (sample.throttledRatio ?? 0) / fullRollbackRatio);
}

/** Throttled this often after a cut, the whole cut was wrong. */
const fullRollbackRatio = 0.5;

/** What is believed after the first sample. */
export function firstImpression(sample: UsageSample, policy: MarketPolicy): Belief {
  const wantedMilli = unthrottledMilli(sample, policy);
  const { atMs, usageMilli, throttledRatio, throttledMilli, pressureRatio, quotaMilli } = sample;
  return {
    sample: { atMs, usageMilli, throttledRatio, throttledMilli, pressureRatio, quotaMilli },
    wantedMilli,
    peakMilli: sample.usageMilli,
    peakAtMs: sample.atMs,
    sinceMs: sample.atMs,
    surgeMilli: surgeOf(sample, wantedMilli, policy),
    surgeAtMs: sample.atMs,
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

/** What it would have used in the sample's window, had neither its limit nor the node held it back. */
export function neededMilli(sample: UsageSample, policy: MarketPolicy): number {
  return contendedMilli(sample, unthrottledMilli(sample, policy));
}

function movedMean(before: number, now: number, elapsedMs: number, policy: MarketPolicy): number {
  return mix(before, now, elapsedMs, now > before ? policy.risingHalfLifeMs : policy.meanHalfLifeMs);
}

/** A quota that throttled was too low, however little of it was used in the mean: bursts are shorter than a sample. */
function surgeOf(sample: UsageSample, wantedMilli: number, policy: MarketPolicy): number {
  return isThrottled(sample, policy) ? Math.max(wantedMilli, sample.quotaMilli ?? 0) : wantedMilli;
}

/** The highest value lately: it counts in full for a while, then fades towards what is seen. @param fadingMs below 0 it does not yet */
function faded(before: number, seen: number, fadingMs: number, halfLifeMs: number): number {
  if (seen >= before) return seen;
  return fadingMs <= 0 ? before : mix(before, seen, fadingMs, halfLifeMs);
}

/**
 * After Autothrottle's Captain (NSDI'24): throttling beyond what is accepted is
 * added to the margin, where it shows bursts: the quota was not used up. One
 * that was is too low altogether, which is the level's concern, or rationed.
 */
function learnedMargin(before: number, sample: UsageSample, elapsedMs: number, policy: MarketPolicy): number {
  const usedUp = sample.quotaMilli !== null && sample.usageMilli >= usedUpShare * sample.quotaMilli;
  const excess = usedUp ? 0 : Math.max(0, (sample.throttledRatio ?? 0) - policy.targetThrottledRatio);
  const narrowed = mix(before, policy.minMargin, elapsedMs, policy.marginHalfLifeMs);
  return Math.min(policy.maxMargin, narrowed + excess * marginGain);
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

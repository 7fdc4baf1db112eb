import { bucketCount, bucketOf, quantile, topMilli } from "./buckets.ts";

/** A histogram as it is written down. */
export interface HistogramState {
  readonly weights: Float64Array;
  readonly watchedMinutes: number;
  /** Milliseconds since the Unix epoch at which these weights hold. */
  readonly asOfMs: number;
}

/** A new minute counts so much more than the oldest that all are scaled back. */
const mostScale = 2 ** 20;

/**
 * How many minutes were spent at which use, where a minute counts half after
 * each half-life. Instead of lowering all old minutes, a new one is entered
 * with the weight that its successors make of it: 2^(age of the scale / half-life).
 * All are scaled back together once in twenty half-lives.
 */
export class DecayingHistogram {
  #halfLifeMs: number;
  readonly #weights: Float64Array;
  #watched: number;
  /** The moment at which a minute has weight 1. */
  #scaleMs: number;

  constructor(halfLifeMs: number, { weights, watchedMinutes, asOfMs }: HistogramState = empty()) {
    this.#halfLifeMs = halfLifeMs;
    this.#weights = weights;
    this.#watched = watchedMinutes;
    this.#scaleMs = asOfMs;
  }

  /**
   * @param minutes how long one pod was at that use
   * @param watchedMinutes how much longer the workload has been watched for it
   */
  add(milli: number, { minutes, watchedMinutes, atMs }: Spell): void {
    const scale = this.#scaleAt(atMs);
    const bucket = bucketOf(milli);
    this.#weights[bucket] = (this.#weights[bucket] ?? 0) + minutes * scale;
    this.#watched += watchedMinutes * scale;
  }

  /** From now on it fades by another half-life; what it holds has faded so far by the one before. */
  fadeBy(halfLifeMs: number, nowMs: number): void {
    if (halfLifeMs === this.#halfLifeMs) return;
    this.#scaleBack(this.#factor(nowMs), Math.max(nowMs, this.#scaleMs));
    this.#halfLifeMs = halfLifeMs;
  }

  /** The use that `share` of the minutes did not exceed; null: nothing is known. */
  levelMilli(share: number): number | null {
    const bucket = quantile(this.#weights, share);
    return bucket === null ? null : topMilli(bucket);
  }

  /** Minutes in which the workload was watched, each counted by its age. */
  watchedMinutes(nowMs: number): number {
    return this.#watched / this.#factor(nowMs);
  }

  /** What is to be written down. */
  state(nowMs: number): HistogramState {
    const factor = this.#factor(nowMs);
    return {
      weights: this.#weights.map((weight) => weight / factor),
      watchedMinutes: this.#watched / factor,
      asOfMs: nowMs,
    };
  }

  #scaleAt(atMs: number): number {
    // The first minute sets the scale: before it there is nothing to compare with.
    if (this.#watched === 0) this.#scaleMs = atMs;
    const factor = this.#factor(atMs);
    if (factor <= mostScale) return factor;
    this.#scaleBack(factor, atMs);
    return 1;
  }

  #scaleBack(factor: number, atMs: number): void {
    for (let bucket = 0; bucket < bucketCount; bucket += 1)
      this.#weights[bucket] = (this.#weights[bucket] ?? 0) / factor;
    this.#watched /= factor;
    this.#scaleMs = atMs;
  }

  /** A wall clock that was put back neither adds nor takes weight. */
  #factor(nowMs: number): number {
    return 2 ** (Math.max(0, nowMs - this.#scaleMs) / this.#halfLifeMs);
  }
}

/** Time spent at one use. */
export interface Spell {
  readonly minutes: number;
  readonly watchedMinutes: number;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

function empty(): HistogramState {
  return { weights: new Float64Array(bucketCount), watchedMinutes: 0, asOfMs: 0 };
}

import { DecayingHistogram } from "./histogram.ts";

/** In millicores, as VPA writes them into its status. */
export interface Recommendation {
  readonly lowerMilli: number;
  readonly targetMilli: number;
  readonly upperMilli: number;
}

const margin = 1.15;
const minMilli = 25;
const minSampleWeight = 0.1;
const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

/** VPA's recommender for one container, with its defaults (kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender). */
export class Recommender {
  readonly #histogram = new DecayingHistogram();
  #firstMs: number | null = null;
  #lastMs = 0;
  #samples = 0;

  /**
   * Use over some time, of which VPA takes a sample a minute. A sample weighs what was requested at the time,
   * in cores, so that a raise makes what was before count less.
   */
  observe(seen: {
    readonly atMs: number;
    readonly forMs: number;
    readonly usedMilli: number;
    readonly requestMilli: number;
  }): void {
    const count = Math.max(1, Math.round(seen.forMs / minuteMs));
    const weight = Math.max(seen.requestMilli / 1000, minSampleWeight);
    this.#histogram.add(seen.usedMilli, weight * count, seen.atMs);
    this.#firstMs ??= seen.atMs - seen.forMs;
    this.#lastMs = seen.atMs;
    this.#samples += count;
  }

  /** null before the first sample. */
  recommend(): Recommendation | null {
    if (this.#histogram.empty) return null;
    const confidence = this.confidenceDays;
    return {
      lowerMilli: this.#estimate(0.5, (1 + 0.001 / confidence) ** -2),
      targetMilli: this.#estimate(0.9, 1),
      upperMilli: this.#estimate(0.95, 1 + 1 / confidence),
    };
  }

  /** Days of samples at one a minute, at most the time between the first and the last. */
  get confidenceDays(): number {
    return Math.min((this.#lastMs - (this.#firstMs ?? this.#lastMs)) / dayMs, this.#samples / 1440);
  }

  #estimate(share: number, scale: number): number {
    return Math.max(minMilli, Math.floor(this.#histogram.percentile(share) * margin * scale));
  }
}

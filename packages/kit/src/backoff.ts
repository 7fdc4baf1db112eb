import type { Rng } from "./rng.ts";

/** Bounds of a growing delay, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Exponential delay with full jitter (Brooker, "Exponential Backoff And
 * Jitter", AWS 2015): uniform in [½, 1] of the current step, so that many
 * clients that failed together do not return together.
 */
export class Backoff {
  #attempt = 0;
  readonly #bounds: BackoffBounds;
  readonly #rng: Rng;

  constructor(bounds: BackoffBounds, rng: Rng) {
    this.#bounds = bounds;
    this.#rng = rng;
  }

  /** The next delay in milliseconds; each call makes the one after longer. */
  nextMs(): number {
    const step = Math.min(this.#bounds.maxMs, this.#bounds.firstMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return step * (0.5 + 0.5 * this.#rng());
  }

  reset(): void {
    this.#attempt = 0;
  }
}

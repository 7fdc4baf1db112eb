import { type Rng } from "@walras/kit";

import { arrivalTimes } from "../bench/kernel/arrivals.ts";
import { playArrivals } from "../bench/kernel/openLoop.ts";

/** Longer than any test lasts. */
const longestSeconds = 900;

/** A steady stream of requests, whatever becomes of those before. */
export class OpenLoad {
  readonly #url: string;
  readonly #costMs: number;
  readonly #rng: Rng;
  #stopping = new AbortController();
  #playing: Promise<unknown> = Promise.resolve();

  /** @param costMs CPU time of a request */
  constructor(url: string, costMs: number, rng: Rng) {
    this.#url = url;
    this.#costMs = costMs;
    this.#rng = rng;
  }

  /** From now on. */
  async is(perSecond: number): Promise<void> {
    await this.stop();
    this.#stopping = new AbortController();
    const asked = { arrivals: "even" as const, seconds: longestSeconds };
    const times = arrivalTimes(asked, [{ seconds: longestSeconds, perSecond }], this.#rng);
    const arrivals = times.map((atMs) => ({ atMs, target: 0, costMs: this.#costMs }));
    const { signal } = this.#stopping;
    this.#playing = playArrivals([this.#url], arrivals, "anew", signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** @throws Error where requests could not be sent */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#playing;
  }
}

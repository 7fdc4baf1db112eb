import type { ContainerReading, StreamMoments } from "../../../base/telemetry/ledger/readings.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import type { Demand } from "../decide/snapshot.ts";
import { type Belief, demandOf, firstImpression, learn, neededMilli } from "./demand.ts";
import type { Use } from "./habits.ts";

/**
 * What is believed of one container by what its agent says of it. What does not change is not told again, and it is believed for
 * all of that time when somebody asks: unthrottled seconds of equal use come to the same, one by one or together.
 */
export class Believed {
  readonly #policy: MarketPolicy;
  readonly #belief: Belief;
  #stream: Readonly<StreamMoments>;
  #coveredMs = 0;
  #neededMilliMs = 0;
  #meanMilli = 0;

  constructor(reading: ContainerReading, policy: MarketPolicy) {
    this.#policy = policy;
    this.#belief = firstImpression(reading, policy);
    this.#stream = reading.stream;
  }

  /** A reading that is not newer than the last teaches nothing. */
  hear(reading: ContainerReading): void {
    const before = this.#stream;
    this.#passUntil(before === reading.stream ? before.beforeMs : before.lastMs);
    this.#stream = reading.stream;
    const elapsedMs = reading.atMs - this.#belief.sample.atMs;
    if (!learn(this.#belief, reading, this.#policy)) return;
    // A longer gap was not watched.
    this.#cover(elapsedMs <= this.#policy.staleAfterMs ? elapsedMs : 0);
  }

  /** It is not measured any more: what is believed of it grows old. */
  silence(): void {
    const { beforeMs } = this.#stream;
    this.#passUntil(beforeMs);
    this.#stream = { lastMs: beforeMs, beforeMs };
  }

  /** As of the last report; the object changes with the next. */
  now(): Demand {
    this.#passUntil(this.#stream.lastMs);
    return this.#belief;
  }

  /** The same, for who keeps it. */
  demand(): Demand {
    this.now();
    return demandOf(this.#belief);
  }

  /** What it has used since this was asked the last time. */
  takeUse(): Use {
    const { meanMilli, sample } = this.now();
    const [coveredMs, neededMilliMs] = [this.#coveredMs, this.#neededMilliMs];
    const use = { atMs: sample.atMs, coveredMs, neededMilliMs, meanMilli: Math.max(this.#meanMilli, meanMilli) };
    this.#coveredMs = 0;
    this.#neededMilliMs = 0;
    this.#meanMilli = 0;
    return use;
  }

  /** Until then its use was as it was told last. */
  #passUntil(atMs: number): void {
    const { sample } = this.#belief;
    const elapsedMs = atMs - sample.atMs;
    if (elapsedMs <= 0) return;
    learn(this.#belief, { ...sample, atMs }, this.#policy);
    this.#cover(elapsedMs);
  }

  #cover(elapsedMs: number): void {
    const { sample, meanMilli } = this.#belief;
    this.#coveredMs += elapsedMs;
    this.#neededMilliMs += elapsedMs * neededMilli(sample, this.#policy);
    this.#meanMilli = Math.max(this.#meanMilli, meanMilli);
  }
}

import type { NumberRows } from "@walras/kit";

import type { ContainerReading, StreamMoments } from "../../../base/telemetry/ledger/readings.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import type { Demand } from "../decide/snapshot.ts";
import { BeliefRow } from "./beliefRow.ts";
import { firstImpression, learn, neededMilli } from "./demand.ts";
import type { Use } from "./habits.ts";

/**
 * What is believed of one container by what its agent says of it. What does not change is not told again, and it is believed for
 * all of that time when somebody asks: unthrottled seconds of equal use come to the same, one by one or together.
 */
export class Believed {
  readonly #policy: MarketPolicy;
  readonly #belief: BeliefRow;
  #stream: Readonly<StreamMoments>;

  /** @param rows where its numbers are kept, of the width of beliefs */
  constructor(reading: ContainerReading, policy: MarketPolicy, rows: NumberRows) {
    this.#policy = policy;
    this.#belief = new BeliefRow(firstImpression(reading, policy), rows);
    this.#stream = reading.stream;
  }

  /** A reading that is not newer than the last teaches nothing. */
  hear(reading: ContainerReading): void {
    const before = this.#stream;
    this.#passUntil(before === reading.stream ? before.beforeMs : before.lastMs);
    this.#stream = reading.stream;
    const elapsedMs = reading.atMs - this.#belief.atMs;
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

  /** What it has used since this was asked the last time. */
  takeUse(): Use {
    this.now();
    const { atMs, coveredMs, neededMilliMs, highestMeanMilli, meanMilli } = this.#belief;
    this.#belief.coveredMs = 0;
    this.#belief.neededMilliMs = 0;
    this.#belief.highestMeanMilli = 0;
    return { atMs, coveredMs, neededMilliMs, meanMilli: Math.max(highestMeanMilli, meanMilli) };
  }

  /** It is gone: what was believed of it may not be read any more. */
  end(): void {
    this.#belief.rows.give(this.#belief.at);
  }

  /** Until then its use was as it was told last. */
  #passUntil(atMs: number): void {
    const belief = this.#belief;
    const elapsedMs = atMs - belief.atMs;
    if (elapsedMs <= 0) return;
    const { usageMilli, throttledRatio, throttledMilli, pressureRatio, quotaMilli } = belief;
    learn(belief, { atMs, usageMilli, throttledRatio, throttledMilli, pressureRatio, quotaMilli }, this.#policy);
    this.#cover(elapsedMs);
  }

  #cover(elapsedMs: number): void {
    const belief = this.#belief;
    belief.coveredMs += elapsedMs;
    belief.neededMilliMs += elapsedMs * neededMilli(belief, this.#policy);
    belief.highestMeanMilli = Math.max(belief.highestMeanMilli, belief.meanMilli);
  }
}

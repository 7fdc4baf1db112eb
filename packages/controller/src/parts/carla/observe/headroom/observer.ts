import { type Clock, type Logger, Polled, type Runnable } from "@walras/kit";

import type { Usage } from "../../decide/snapshot.ts";
import type { UsageReading, UsageSource } from "./source.ts";

export interface UsageObserverOptions {
  /** In order of preference. */
  readonly sources: readonly UsageSource[];
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Usage as it is known now, and whose word it is. */
export interface KnownUsage extends Usage {
  /** null: nobody's. */
  readonly source: string | null;
  /** Where it comes from, or why nobody knows. */
  readonly detail: string;
}

const deadlineMs = 10_000;
/** Load changes: an older reading says nothing of now. */
const leastFreshMs = 90_000;

/** Asks all sources in the background, so that a decision never waits for one. */
export class UsageObserver implements Runnable {
  readonly name = "usage observer";
  /** In order of preference. */
  readonly #polled: readonly Polled<UsageReading>[];

  constructor({ sources, intervalMs, ...around }: UsageObserverOptions) {
    const freshMs = Math.max(leastFreshMs, 3 * intervalMs);
    this.#polled = sources.map(
      (source) =>
        new Polled({
          ...around,
          name: source.name,
          ask: askOf(source),
          everyMs: intervalMs,
          deadlineMs,
          freshMs,
          level: "info",
        }),
    );
  }

  /** Returns when each source has answered once, or failed to. */
  async start(): Promise<void> {
    await Promise.all(this.#polled.map((one) => one.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#polled.map((one) => one.stop()));
  }

  /** Asks every source once. Never throws. */
  async refresh(): Promise<void> {
    await Promise.all(this.#polled.map((one) => one.refresh()));
  }

  /** The first source's word that is fresh; null where there is none: unknown is not zero. */
  usage(): KnownUsage {
    for (const one of this.#polled) {
      const answer = one.fresh();
      if (answer) return { ...answer.value, source: one.name };
    }
    const detail = this.#polled.map((one) => one.trouble()).join("; ");
    return { cpu: null, memory: null, source: null, detail };
  }
}

/** Half an answer is none: which half is missing is its failure. */
function askOf(source: UsageSource): (signal: AbortSignal) => Promise<UsageReading> {
  return async (signal) => {
    const reading = await source.read(signal);
    if (reading.cpu === null || reading.memory === null) throw new Error(reading.detail);
    return reading;
  };
}

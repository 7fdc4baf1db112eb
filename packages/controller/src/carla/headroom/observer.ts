import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";

import type { Usage } from "../decide/snapshot.ts";
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

interface Known {
  reading: UsageReading | null;
  atMs: number;
  failure: string;
}

const deadlineMs = 10_000;
/** Load changes: an older reading says nothing of now. */
const leastFreshMs = 90_000;

/** Asks all sources in the background, so that a decision never waits for one. */
export class UsageObserver implements Runnable {
  readonly name = "usage observer";
  readonly #options: UsageObserverOptions;
  readonly #known: readonly Known[];
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: UsageObserverOptions) {
    this.#options = options;
    this.#known = options.sources.map(() => ({ reading: null, atMs: -Infinity, failure: "not read yet" }));
  }

  /** Returns when each source has answered once, or failed to. */
  async start(): Promise<void> {
    await this.#round();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
  }

  /** Asks every source once. Never throws. */
  async refresh(): Promise<void> {
    await Promise.all(this.#options.sources.map((source, index) => this.#read(source, this.#known[index])));
  }

  /** The first source's word that is fresh; null where there is none: unknown is not zero. */
  usage(): KnownUsage {
    const { sources, clock, intervalMs } = this.#options;
    const freshMs = Math.max(leastFreshMs, 3 * intervalMs);
    const nowMs = clock.monotonicMs();
    for (const [index, { name }] of sources.entries()) {
      const { reading, atMs } = this.#known[index] ?? { reading: null, atMs: 0 };
      if (reading && nowMs - atMs < freshMs) return { ...reading, source: name };
    }
    const failures = sources.map(({ name }, index) => `${name}: ${this.#known[index]?.failure}`);
    return { cpu: null, memory: null, source: null, detail: failures.join("; ") };
  }

  /** The next begins when this one has ended, so that no source is asked twice at a time. */
  async #round(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    await this.refresh();
    if (this.#abort.signal.aborted) return;
    this.#timer = clock.after(intervalMs, () => {
      this.#running = this.#round();
    });
  }

  /** One that does not hear the signal is left behind at the deadline all the same. */
  async #ask(source: UsageSource): Promise<UsageReading> {
    const late = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, late.signal]);
    signal.throwIfAborted();
    const deadline = this.#options.clock.after(deadlineMs, () =>
      late.abort(new Error(`no answer in ${deadlineMs / 1000} s`)),
    );
    try {
      return await Promise.race([source.read(signal), failsWith(signal)]);
    } finally {
      deadline.cancel();
    }
  }

  async #read(source: UsageSource, known: Known | undefined): Promise<void> {
    if (!known) return;
    const { clock } = this.#options;
    try {
      const reading = await this.#ask(source);
      if (reading.cpu === null || reading.memory === null) throw new Error(reading.detail);
      known.reading = reading;
      known.atMs = clock.monotonicMs();
      known.failure = "its last word is too old";
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(source, known, describeError(error));
    }
  }

  /** Each new complaint is logged once. */
  #failed({ name }: UsageSource, known: Known, failure: string): void {
    if (failure !== known.failure)
      this.#options.logger.info({ source: name, error: failure }, "usage not known from here");
    known.failure = failure;
  }
}

function failsWith(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

import type { Clock } from "./clock.ts";
import { describeError } from "./errors.ts";
import type { Runnable } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { Repeating, type RepeatingObserver } from "./repeating.ts";

/** What was answered, and how long ago. */
export interface Answered<Value> {
  readonly value: Value;
  readonly ageMs: number;
}

export interface PolledOptions<Value> {
  readonly name: string;
  /** @throws Error where there is no answer: an empty one is not made up */
  readonly ask: (signal: AbortSignal) => Promise<Value> | Value;
  readonly everyMs: number;
  /** One that does not answer within this is left behind, whether it hears the signal or not. */
  readonly deadlineMs: number;
  /** An answer that is older says nothing of now. */
  readonly freshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of a complaint; a warning where not given. */
  readonly level?: "warn" | "info";
  readonly observer?: RepeatingObserver;
}

/** Asks somebody in the background, so that nobody waits; what is known has an age, and a reason when it is not. */
export class Polled<Value> implements Runnable {
  readonly name: string;
  readonly #options: PolledOptions<Value>;
  readonly #polling: Repeating;
  #answer: Value | undefined;
  #answeredMs = -Infinity;
  #failure: string | null = "not asked yet";

  constructor(options: PolledOptions<Value>) {
    this.name = options.name;
    this.#options = options;
    this.#polling = new Repeating({ ...options, first: "at once", rests: true, run: (signal) => this.#poll(signal) });
  }

  /** Returns when it has answered once, or failed to. */
  start(): Promise<void> {
    return this.#polling.start();
  }

  stop(): Promise<void> {
    return this.#polling.stop();
  }

  /** Asks now. Never throws. */
  refresh(): Promise<void> {
    return this.#polling.now();
  }

  /** The last answer, however old; null before the first. */
  last(): Answered<Value> | null {
    const ageMs = this.#options.clock.monotonicMs() - this.#answeredMs;
    return ageMs === Infinity ? null : { value: this.#answer as Value, ageMs };
  }

  /** The last answer, unless it is too old; unknown is not zero. */
  fresh(): Answered<Value> | null {
    const last = this.last();
    return last !== null && last.ageMs < this.#options.freshMs ? last : null;
  }

  /** Why there is no fresh answer; null: there is. */
  trouble(): string | null {
    return this.fresh() ? null : `${this.name}: ${this.#failure ?? "its last word is too old"}`;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    try {
      this.#answer = await this.#inTime(signal);
      this.#answeredMs = this.#options.clock.monotonicMs();
      this.#told(null);
    } catch (error) {
      if (!signal.aborted) this.#told(describeError(error));
    }
  }

  async #inTime(stopped: AbortSignal): Promise<Value> {
    const { ask, clock, deadlineMs } = this.#options;
    const late = new AbortController();
    const signal = AbortSignal.any([stopped, late.signal]);
    const deadline = clock.after(deadlineMs, () => late.abort(new Error(`no answer in ${deadlineMs / 1000} s`)));
    try {
      return await Promise.race([ask(signal), failsWith(signal)]);
    } finally {
      deadline.cancel();
    }
  }

  /** Each new complaint is logged once, and so is its end. */
  #told(failure: string | null): void {
    const { logger, level = "warn" } = this.#options;
    if (failure !== null && failure !== this.#failure)
      logger[level]({ source: this.name, error: failure }, "not answered");
    if (failure === null && this.#failure !== null) logger.info({ source: this.name }, "answered");
    this.#failure = failure;
  }
}

function failsWith(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

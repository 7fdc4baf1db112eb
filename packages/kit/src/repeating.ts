import type { Clock, Timer } from "./clock.ts";
import { describeError } from "./errors.ts";
import type { Runnable } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

/** What is told of each run. */
export interface RepeatingObserver {
  ran(name: string, tookMs: number): void;
  failed(name: string): void;
}

export interface RepeatingOptions {
  readonly name: string;
  /** From the start of one run to the start of the next; asked anew each time. */
  readonly everyMs: number | (() => number);
  /** Counts the interval from the end of a run, so that whoever is slow is not asked without a pause. */
  readonly rests?: boolean;
  /** What it throws is told and counted, and does not end the repetition. */
  readonly run: (signal: AbortSignal) => Promise<void> | void;
  /** Whether the first run is at the start, which then waits for it, or one interval later. */
  readonly first?: "at once" | "later";
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer?: RepeatingObserver;
}

/**
 * Runs something again and again, never twice at a time: a run that takes
 * longer than the interval is followed by the next at once. Stopping aborts
 * the run in progress and waits for its end.
 */
export class Repeating implements Runnable {
  readonly name: string;
  readonly #options: RepeatingOptions;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #complaint = "";

  constructor(options: RepeatingOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#options.first === "at once") await this.now();
    else this.#schedule(this.#everyMs());
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#timer?.cancel();
    await this.#running;
  }

  /** Runs as soon as may be: now, or once more when the run in progress has ended. */
  now(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve();
    this.#again = this.#running !== undefined;
    this.#running ??= this.#runs();
    return this.#running;
  }

  async #runs(): Promise<void> {
    const { clock, rests = false } = this.#options;
    this.#timer?.cancel();
    let startedMs: number;
    do {
      this.#again = false;
      startedMs = clock.monotonicMs();
      await this.#guarded();
    } while (this.#again && !this.#abort.signal.aborted);
    this.#running = undefined;
    this.#schedule(this.#everyMs() - (rests ? 0 : clock.monotonicMs() - startedMs));
  }

  async #guarded(): Promise<void> {
    const { clock, run, logger, observer } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      await run(this.#abort.signal);
      this.#complaint = "";
      observer?.ran(this.name, clock.monotonicMs() - startedMs);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      observer?.failed(this.name);
      const complaint = describeError(error);
      if (complaint !== this.#complaint) logger.error({ loop: this.name, error: complaint }, "run failed");
      this.#complaint = complaint;
    }
  }

  #schedule(delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(Math.max(0, delayMs), () => void this.now());
  }

  #everyMs(): number {
    const { everyMs } = this.#options;
    return typeof everyMs === "number" ? everyMs : everyMs();
  }
}

import type { Clock, Timer } from "@walras/kit";

/** A process that stood still longer than this skips the time instead of catching up. */
const mostStepsAtOnce = 100;

/**
 * Calls `step` for each `stepMs` that passes, in order, also for those that
 * were missed while the process was busy.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #step: (atMs: number) => void;
  readonly #settled: () => void;
  #startMs = 0;
  #steps = 0;
  #timer: Timer | undefined;

  /** @param run `step` is given the time since the start; `settled` is called once after the steps of one tick */
  constructor(clock: Clock, stepMs: number, run: { step: (atMs: number) => void; settled: () => void }) {
    this.#clock = clock;
    this.#stepMs = stepMs;
    this.#step = run.step;
    this.#settled = run.settled;
  }

  /** Milliseconds of steps done. */
  get elapsedMs(): number {
    return this.#steps * this.#stepMs;
  }

  start(): void {
    this.#startMs = this.#clock.monotonicMs() - this.elapsedMs;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const nextMs = this.#startMs + (this.#steps + 1) * this.#stepMs;
    this.#timer = this.#clock.after(nextMs - this.#clock.monotonicMs(), () => this.#tick());
  }

  #tick(): void {
    const due = Math.floor((this.#clock.monotonicMs() - this.#startMs) / this.#stepMs + 1e-6) - this.#steps;
    const steps = Math.min(due, mostStepsAtOnce);
    this.#startMs += (due - steps) * this.#stepMs;
    for (let done = 0; done < steps; done += 1) this.#step(this.#steps++ * this.#stepMs);
    if (steps > 0) this.#settled();
    this.#arm();
  }
}

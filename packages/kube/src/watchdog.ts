import type { Clock, Timer } from "@walras/kit";

/** Aborts when nothing has been heard for too long. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #abort = new AbortController();
  #heardAtMs: number;
  #timer: Timer;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#heardAtMs = clock.monotonicMs();
    this.#timer = clock.after(limitMs, () => this.#look());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Something was heard. Cheap, since it comes with every event. */
  feed(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
  }

  /** Aborts now, whatever was heard. */
  bark(): void {
    this.#abort.abort();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const leftMs = this.#heardAtMs + this.#limitMs - this.#clock.monotonicMs();
    if (leftMs > 0) this.#timer = this.#clock.after(leftMs, () => this.#look());
    else this.#abort.abort();
  }
}

import type { Clock, Timer } from "@walras/kit";

/**
 * Calls at multiples of an interval on the monotonic clock, so that windows
 * neither drift nor notice a step of the wall clock. Late calls are not made up for.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tick: () => void;
  #intervalMs: number;
  #timer: Timer | null = null;

  constructor(clock: Clock, intervalMs: number, tick: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#tick = tick;
  }

  start(): void {
    this.stop();
    const nowMs = this.#clock.monotonicMs();
    this.#timer = this.#clock.after(nextTickMs(nowMs, this.#intervalMs) - nowMs, () => {
      this.start();
      this.#tick();
    });
  }

  setInterval(intervalMs: number): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    if (this.#timer) this.start();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

/** The next multiple of the interval that leaves at least half of one, so that no window is too short to tell anything. */
export function nextTickMs(nowMs: number, intervalMs: number): number {
  return Math.ceil((nowMs + intervalMs / 2) / intervalMs) * intervalMs;
}

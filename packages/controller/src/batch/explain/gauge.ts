import type { Clock, Runnable, Timer } from "@walras/kit";

const everyMs = 5_000;

/** Has gauges set every few seconds, so that whoever scrapes sees what holds now. */
export class GaugeLoop implements Runnable {
  readonly name = "slot gauges";
  readonly #clock: Clock;
  readonly #set: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, set: () => void) {
    this.#clock = clock;
    this.#set = set;
  }

  start(): void {
    this.#set();
    this.#timer = this.#clock.after(everyMs, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

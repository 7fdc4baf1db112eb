import { type Clock, systemClock } from "@walras/kit";

/** The machine's time, on another date: durations are real, the calendar is the test's. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;

  /** From now on it is `instant` (RFC 3339) and later. */
  set(instant: string): void {
    this.#shiftMs = Date.parse(instant) - systemClock.wallMs();
  }

  wallMs(): number {
    return systemClock.wallMs() + this.#shiftMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after: Clock["after"] = (delayMs, run) => systemClock.after(delayMs, run);
}

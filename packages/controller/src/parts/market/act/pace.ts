/** A resize that waits longer than this is too old: a round comes at least each two and a half seconds, and would have asked anew. */
export const longestWaitMs = 5_000;
/** A pod's first resize waits for the record of what it declared. */
const writesPerResize = 2;
/** So few are no queue, however slow the API server is. */
const fewUnderWay = 50;
const spanMs = 1_000;

/** Whether resizes are submitted faster than they can be written in time, by the budget and by how fast they have been written lately. */
export class Pace {
  readonly #perSecond: number;
  #underWay = 0;
  #span = { fromMs: -Infinity, written: 0 };
  #writtenBefore = 0;

  /** @param perSecond writes at most, of all parts */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  isBehind(nowMs: number): boolean {
    this.#turnTo(nowMs);
    const lately = Math.max(this.#writtenBefore, this.#span.written);
    const resizesPerSecond = Math.min(this.#perSecond / writesPerResize, lately);
    // Half of the time that they may wait: what is submitted now waits for all of those before it.
    return this.#underWay >= Math.max(fewUnderWay, (resizesPerSecond * longestWaitMs) / 1000 / 2);
  }

  submitted(): void {
    this.#underWay += 1;
  }

  /** @param written false: it was given up, or another took its place */
  settled(written: boolean, nowMs: number): void {
    this.#underWay -= 1;
    if (!written) return;
    this.#turnTo(nowMs);
    this.#span.written += 1;
  }

  #turnTo(nowMs: number): void {
    const passedMs = nowMs - this.#span.fromMs;
    if (passedMs < spanMs) return;
    this.#writtenBefore = passedMs < 2 * spanMs ? this.#span.written : 0;
    this.#span = { fromMs: nowMs, written: 0 };
  }
}

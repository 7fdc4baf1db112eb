import type { Use } from "../observe/habits.ts";
import type { Minute } from "./history.ts";

/** A beginning is not a habit: what the first minute uses is start-up. */
const startMs = 60_000;
const minuteMs = 60_000;
/** A minute of which less than half was watched is none. */
const leastShare = 0.5;
/** What was needed is held for one to two of these: quick up, slow down. */
const recentMs = 300_000;

/** One running container: its use by minutes, and what it needed lately. */
export class Meter {
  readonly containerId: string;
  readonly #firstMs: number;
  #lastMs: number;
  #minuteMs: number;
  #coveredMs = 0;
  #sum = 0;
  readonly #seconds: Recent;
  readonly #minute: Recent;

  constructor(containerId: string, atMs: number) {
    this.containerId = containerId;
    this.#firstMs = atMs;
    this.#lastMs = atMs;
    this.#minuteMs = atMs;
    this.#seconds = new Recent(atMs);
    this.#minute = new Recent(atMs);
  }

  /** Whether use until then says anything. */
  isNews(atMs: number): boolean {
    return atMs > this.#lastMs;
  }

  /** Takes in use that is news. @returns the minute that it ends */
  add({ atMs, coveredMs, neededMilliMs, meanMilli }: Use): Minute | null {
    const beganMs = this.#lastMs;
    this.#lastMs = atMs;
    this.#seconds.add(meanMilli, atMs);
    if (beganMs - this.#firstMs < startMs) {
      this.#minuteMs = atMs;
      return null;
    }
    this.#sum += neededMilliMs;
    this.#coveredMs += coveredMs;
    return atMs - this.#minuteMs >= minuteMs ? this.#end(atMs) : null;
  }

  secondsMilli(nowMs: number): number {
    return this.#seconds.highest(nowMs);
  }

  minuteMilli(nowMs: number): number {
    return this.#minute.highest(nowMs);
  }

  #end(atMs: number): Minute | null {
    const coveredMs = this.#coveredMs;
    const milli = coveredMs > 0 ? this.#sum / coveredMs : 0;
    this.#minuteMs = atMs;
    this.#coveredMs = 0;
    this.#sum = 0;
    if (coveredMs < minuteMs * leastShare) return null;
    this.#minute.add(milli, atMs);
    return { milli, minutes: coveredMs / minuteMs };
  }
}

/** The highest of the last one to two spans, in three numbers. */
class Recent {
  #fromMs: number;
  #now = 0;
  #before = 0;

  constructor(atMs: number) {
    this.#fromMs = atMs;
  }

  add(milli: number, atMs: number): void {
    this.#turn(atMs);
    this.#now = Math.max(this.#now, milli);
  }

  highest(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#now, this.#before);
  }

  #turn(atMs: number): void {
    const spans = Math.floor((atMs - this.#fromMs) / recentMs);
    if (spans < 1) return;
    this.#before = spans === 1 ? this.#now : 0;
    this.#now = 0;
    this.#fromMs += spans * recentMs;
  }
}

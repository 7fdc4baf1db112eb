import type { NumberRows } from "@walras/kit";

import type { ContainerState } from "../../../base/cluster/pod.ts";
import type { Use } from "../observe/habits.ts";
import type { Minute } from "./history.ts";
import { addRecent, highestRecent, recentWidth } from "./recent.ts";

/** A beginning is not a habit: what the first minute uses is start-up. */
const startMs = 60_000;
const minuteMs = 60_000;
/** A minute of which less than half was watched is none. */
const leastShare = 0.5;

/** Where a meter's numbers are in its row. */
const [first, last, minute, covered, sum, seconds, minutes] = [0, 1, 2, 3, 4, 5, 8];
/** How many numbers a meter has. */
export const meterWidth = minutes + recentWidth;

/** One running container: its use by minutes, and what it needed lately. */
export class Meter {
  readonly container: string;
  readonly containerId: string;
  readonly #rows: NumberRows;
  readonly #at: number;

  /** @param rows where its numbers are kept, of the width of meters */
  constructor({ name, containerId }: Pick<ContainerState, "name" | "containerId">, atMs: number, rows: NumberRows) {
    this.container = name;
    this.containerId = containerId;
    this.#rows = rows;
    this.#at = rows.take();
    for (const index of [first, last, minute, seconds, minutes]) this.#set(index, atMs);
  }

  /** Whether use until then says anything. */
  isNews(atMs: number): boolean {
    return atMs > this.#get(last);
  }

  /** Takes in use that is news. @returns the minute that it ends */
  add({ atMs, coveredMs, neededMilliMs, meanMilli }: Use): Minute | null {
    const beganMs = this.#get(last);
    this.#set(last, atMs);
    addRecent(this.#rows.numbers, this.#at + seconds, meanMilli, atMs);
    if (beganMs - this.#get(first) < startMs) {
      this.#set(minute, atMs);
      return null;
    }
    this.#set(sum, this.#get(sum) + neededMilliMs);
    this.#set(covered, this.#get(covered) + coveredMs);
    return atMs - this.#get(minute) >= minuteMs ? this.#end(atMs) : null;
  }

  secondsMilli(nowMs: number): number {
    return highestRecent(this.#rows.numbers, this.#at + seconds, nowMs);
  }

  minuteMilli(nowMs: number): number {
    return highestRecent(this.#rows.numbers, this.#at + minutes, nowMs);
  }

  /** The container has ended: its meter may not be read any more. */
  end(): void {
    this.#rows.give(this.#at);
  }

  #end(atMs: number): Minute | null {
    const coveredMs = this.#get(covered);
    const milli = coveredMs > 0 ? this.#get(sum) / coveredMs : 0;
    this.#set(minute, atMs);
    this.#set(covered, 0);
    this.#set(sum, 0);
    if (coveredMs < minuteMs * leastShare) return null;
    addRecent(this.#rows.numbers, this.#at + minutes, milli, atMs);
    return { milli, minutes: coveredMs / minuteMs };
  }

  #get(index: number): number {
    return this.#rows.numbers[this.#at + index] ?? 0;
  }

  #set(index: number, value: number): void {
    this.#rows.numbers[this.#at + index] = value;
  }
}

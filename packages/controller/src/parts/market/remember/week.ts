import { bucketCount, bucketOf, quantile, topMilli } from "./buckets.ts";
import type { Spell } from "./histogram.ts";

export const hoursOfWeek = 168;
const hourMs = 3_600_000;
/** An hour of which less than this was watched says nothing of itself. */
const leastMinutes = 30;
/** Share of an hour's minutes that its level covers. */
const percentile = 0.95;

/**
 * What each hour of the week has needed, by UTC: a level a tenth apart, one
 * byte an hour. A higher one is taken over at once; a lower one by half the way
 * a week, since one quiet Monday is no habit.
 */
export class WeekProfile {
  /** 0: not known; else the bucket and one. */
  readonly #levels: Uint8Array;
  readonly #minutes = new Float32Array(bucketCount);
  #hour = -1;
  #watched = 0;
  #revision = 0;

  constructor(levels: Uint8Array = new Uint8Array(hoursOfWeek)) {
    this.#levels = levels;
  }

  /** Grows with each hour that said something new. */
  get revision(): number {
    return this.#revision;
  }

  add(milli: number, { minutes, watchedMinutes, atMs }: Spell): void {
    const hour = Math.floor(atMs / hourMs);
    if (hour !== this.#hour) this.#begin(hour);
    const bucket = bucketOf(milli);
    this.#minutes[bucket] = (this.#minutes[bucket] ?? 0) + minutes;
    this.#watched += watchedMinutes;
  }

  /** The highest level of the hours from one moment to the other; null: none of them is known. */
  levelMilli(fromMs: number, toMs: number): number | null {
    let highest = 0;
    for (let hour = Math.floor(fromMs / hourMs); hour <= Math.floor(toMs / hourMs); hour += 1)
      highest = Math.max(highest, this.#levels[indexOf(hour)] ?? 0);
    return highest === 0 ? null : topMilli(highest - 1);
  }

  /** One byte an hour, as they are written down. */
  levels(): Uint8Array {
    return this.#levels.slice();
  }

  #begin(hour: number): void {
    const bucket = this.#watched >= leastMinutes ? quantile(this.#minutes, percentile) : null;
    if (bucket !== null) this.#set(indexOf(this.#hour), bucket + 1);
    this.#minutes.fill(0);
    this.#watched = 0;
    this.#hour = hour;
  }

  #set(index: number, level: number): void {
    const before = this.#levels[index] ?? 0;
    const after = level >= before ? level : Math.ceil((before + level) / 2);
    if (after !== before) this.#revision += 1;
    this.#levels[index] = after;
  }
}

function indexOf(hour: number): number {
  return ((hour % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
}

/** How much was used of how much there was, both since some beginning and in one unit. */
export interface Meter {
  readonly used: number;
  readonly capacity: number;
}

interface Entry extends Meter {
  readonly atMs: number;
}

const spanMs = 30_000;
const shortestMs = 5_000;

/** The share in use over the last 30 s, or over what there is of them once it is 5 s. */
export class BusyHistory {
  #entries: Entry[] = [];

  /** @param atMs monotonic; a meter that goes back begins the history anew */
  add(atMs: number, { used, capacity }: Meter): void {
    const last = this.#entries.at(-1);
    if (last && (capacity < last.capacity || used < last.used)) this.clear();
    this.#entries.push({ atMs, used, capacity });
    const keep = this.#entries.findLastIndex((entry) => entry.atMs <= atMs - spanMs);
    if (keep > 0) this.#entries.splice(0, keep);
  }

  /** 0..1; null while unknown. */
  fraction(): number | null {
    const first = this.#entries[0];
    const last = this.#entries.at(-1);
    if (!first || !last || last.atMs - first.atMs < shortestMs) return null;
    const capacity = last.capacity - first.capacity;
    return capacity > 0 ? Math.min(1, Math.max(0, (last.used - first.used) / capacity)) : null;
  }

  /** 0..1 between the last two that were added; null before the second. */
  lastFraction(): number | null {
    const [before, last] = this.#entries.slice(-2);
    if (!before || !last || last.capacity <= before.capacity) return null;
    return Math.min(1, (last.used - before.used) / (last.capacity - before.capacity));
  }

  clear(): void {
    this.#entries = [];
  }
}

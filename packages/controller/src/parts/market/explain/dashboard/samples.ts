import type { PodPoints } from "@walras/api";

/** One look at a pod; null: not known, or none. */
export interface Sample {
  readonly used: number | null;
  readonly throttled: number | null;
  readonly limit: number | null;
  readonly request: number | null;
  readonly price: number | null;
}

/** How much is recorded. */
export interface SampleBounds {
  readonly everyMs: number;
  readonly points: number;
  /** Pods at a time: those beyond it are recorded from when somebody looks at them. */
  readonly pods: number;
}

const columns = ["used", "throttled", "limit", "request", "price"] as const;
const bytesPerNumber = Float32Array.BYTES_PER_ELEMENT;
const mostBytes = 32 * 1024 * 1024;
const points = 450;

/** A quarter of an hour of each second second, in 32 MiB: some 3,700 pods. */
export const sampleBounds: SampleBounds = {
  everyMs: 2_000,
  points,
  pods: Math.floor(mostBytes / (points * columns.length * bytesPerNumber)),
};

interface Track {
  /** Number of the first look that was recorded. */
  readonly since: number;
  readonly values: Readonly<Record<(typeof columns)[number], Float32Array>>;
}

/**
 * What pods used, and what they were given, look by look. Whom somebody has
 * looked at stays; of the others each has a place as long as there are some.
 */
export class PodSamples {
  readonly #bounds: SampleBounds;
  /** Those that were looked at last are last. */
  readonly #tracks = new Map<string, Track>();
  readonly #times: Float64Array;
  #looks = 0;

  constructor(bounds: SampleBounds = sampleBounds) {
    this.#bounds = bounds;
    this.#times = new Float64Array(bounds.points);
  }

  /** UIDs of pods that are recorded. */
  get uids(): Iterable<string> {
    return this.#tracks.keys();
  }

  get full(): boolean {
    return this.#tracks.size >= this.#bounds.pods;
  }

  /** Records from now on, where there is a place. */
  admit(uid: string): void {
    if (!this.full && !this.#tracks.has(uid)) this.#tracks.set(uid, newTrack(this.#looks, this.#bounds.points));
  }

  /** Somebody looks at it: it is recorded, in place of the one that nobody has looked at for longest. */
  lookAt(uid: string): void {
    const track = this.#tracks.get(uid);
    if (!track && this.full) this.#forgetFirst();
    this.#tracks.delete(uid);
    this.#tracks.set(uid, track ?? newTrack(this.#looks, this.#bounds.points));
  }

  /** One look at everything that is recorded. @param of null: the pod is gone */
  look(wallMs: number, of: (uid: string) => Sample | null): void {
    const at = this.#looks % this.#bounds.points;
    this.#times[at] = wallMs / 1000;
    for (const [uid, { values }] of this.#tracks) {
      const sample = of(uid);
      if (sample === null) this.#tracks.delete(uid);
      else for (const column of columns) values[column][at] = sample[column] ?? Number.NaN;
    }
    this.#looks += 1;
  }

  /** Since when the pod is recorded, wall milliseconds; null: it is not, or there was no look since. */
  sinceMs(uid: string): number | null {
    const [first] = this.#slots(uid);
    return first === undefined ? null : (this.#times[first] ?? 0) * 1000;
  }

  points(uid: string): PodPoints {
    const slots = this.#slots(uid);
    const values = this.#tracks.get(uid)?.values;
    const column = (name: (typeof columns)[number]): (number | null)[] =>
      slots.map((slot) => told(values?.[name][slot] ?? Number.NaN));
    return {
      t: slots.map((slot) => this.#times[slot] ?? 0),
      used: column("used"),
      throttled: column("throttled"),
      limit: column("limit"),
      request: column("request"),
      price: column("price"),
    };
  }

  /** Where its looks lie, oldest first. */
  #slots(uid: string): number[] {
    const track = this.#tracks.get(uid);
    if (!track) return [];
    const from = Math.max(track.since, this.#looks - this.#bounds.points);
    return Array.from({ length: this.#looks - from }, (_, index) => (from + index) % this.#bounds.points);
  }

  #forgetFirst(): void {
    const [first] = this.#tracks.keys();
    if (first !== undefined) this.#tracks.delete(first);
  }
}

function newTrack(since: number, length: number): Track {
  const column = (): Float32Array => new Float32Array(length).fill(Number.NaN);
  return {
    since,
    values: { used: column(), throttled: column(), limit: column(), request: column(), price: column() },
  };
}

/** Half a number has seven digits; four are worth sending. */
function told(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(4));
}

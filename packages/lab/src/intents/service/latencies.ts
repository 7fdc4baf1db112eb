/** Each bucket is so much wider than the one before, so that a percentile is at most 1 % off. */
const growth = 1.01;
const logGrowth = Math.log(growth);
/** 1 ms to more than 100 s. */
const buckets = 1_200;

/** The bucket of a latency. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(ms) / logGrowth));
}

/** Latencies by how many there were of each, in buckets. */
export class Latencies {
  readonly #counts = new Int32Array(buckets);
  count = 0;

  /** @param seen buckets of latencies */
  add(seen: readonly number[]): void {
    for (const bucket of seen) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.count += seen.length;
  }

  addAll(other: Latencies): void {
    for (let bucket = 0; bucket < buckets; bucket += 1)
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (other.#counts[bucket] ?? 0);
    this.count += other.count;
  }

  /** The end of the bucket in which the percentile lies, in milliseconds; null: there are none. */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    let left = Math.ceil(share * this.count);
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) return growth ** bucket;
    }
    return growth ** buckets;
  }
}

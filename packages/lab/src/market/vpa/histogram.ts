/** VPA's buckets of CPU: the first 10 m wide, each 5 % wider than the last, up to 1,000 cores. */
const firstBucketMilli = 10;
const growth = 1.05;
const bucketCount = Math.ceil(logOf((1_000_000 * (growth - 1)) / firstBucketMilli + 1)) + 1;
const halfLifeMs = 24 * 3_600_000;
/** Weights are relative to a time that moves on before they grow out of bounds. */
const mostHalfLives = 100;
/** A bucket with less is empty: a thousandth of the least weight of a sample. */
const epsilon = 0.0001;

function logOf(value: number): number {
  return Math.log(value) / Math.log(growth);
}

export function bucketOf(milli: number): number {
  if (milli < firstBucketMilli) return 0;
  return Math.min(bucketCount - 1, Math.floor(logOf((milli * (growth - 1)) / firstBucketMilli + 1)));
}

/** Where a bucket begins, in millicores. */
export function startOf(bucket: number): number {
  return (firstBucketMilli * (growth ** bucket - 1)) / (growth - 1);
}

/** VPA's decaying histogram of CPU use: a sample's weight halves each day. */
export class DecayingHistogram {
  readonly #weights = new Float64Array(bucketCount);
  #total = 0;
  #referenceMs = 0;
  #least = bucketCount - 1;
  #most = 0;

  get empty(): boolean {
    return (this.#weights[this.#least] ?? 0) < epsilon;
  }

  add(milli: number, weight: number, atMs: number): void {
    if (atMs - this.#referenceMs > mostHalfLives * halfLifeMs) this.#moveReference(atMs);
    const decayed = weight * 2 ** ((atMs - this.#referenceMs) / halfLifeMs);
    const bucket = bucketOf(milli);
    const held = (this.#weights[bucket] ?? 0) + decayed;
    this.#weights[bucket] = held;
    this.#total += decayed;
    if (held < epsilon) return;
    this.#least = Math.min(this.#least, bucket);
    this.#most = Math.max(this.#most, bucket);
  }

  /** The end of the bucket in which the percentile lies, in millicores; 0 where nothing was added. */
  percentile(share: number): number {
    if (this.empty) return 0;
    const threshold = share * this.#total;
    let bucket = this.#least;
    for (let sum = 0; bucket < this.#most; bucket += 1) {
      sum += this.#weights[bucket] ?? 0;
      if (sum >= threshold) break;
    }
    return startOf(Math.min(bucket + 1, bucketCount - 1));
  }

  #moveReference(toMs: number): void {
    const shift = Math.round((toMs - this.#referenceMs) / halfLifeMs);
    const factor = 2 ** -shift;
    this.#weights.forEach((weight, bucket) => {
      this.#weights[bucket] = weight * factor;
    });
    this.#total *= factor;
    this.#referenceMs += shift * halfLifeMs;
    while (this.#least < bucketCount - 1 && (this.#weights[this.#least] ?? 0) < epsilon) this.#least += 1;
    while (this.#most > 0 && (this.#weights[this.#most] ?? 0) < epsilon) this.#most -= 1;
  }
}

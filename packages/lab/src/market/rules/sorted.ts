/** The last values of a sequence, in order of size. */
export class SortedWindow {
  readonly #most: number;
  readonly #sorted: number[] = [];
  readonly #arrived: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#sorted.length;
  }

  push(value: number): void {
    this.#sorted.splice(this.#placeOf(value), 0, value);
    this.#arrived.push(value);
    if (this.#arrived.length <= this.#most) return;
    this.#sorted.splice(this.#placeOf(this.#arrived.shift() ?? 0), 1);
  }

  /** The value below which the share lies; 0 where there is none. */
  percentile(share: number): number {
    return this.#sorted[Math.max(0, Math.ceil(share * this.size) - 1)] ?? 0;
  }

  /** Of the first that is not less. */
  #placeOf(value: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

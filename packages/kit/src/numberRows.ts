/** Rows there is room for at first. */
const atFirst = 64;

/**
 * Numbers of many alike things, side by side in one block. To V8 each changing number of an object is an object of its own: a
 * cluster has millions of them, and its collector stops everything else for as long as it takes to look at each.
 */
export class NumberRows {
  readonly #width: number;
  readonly #given: number[] = [];
  #end = 0;
  /** Another array once more rows are taken than there was room for. */
  numbers: Float64Array;

  constructor(width: number) {
    this.#width = width;
    this.numbers = new Float64Array(width * atFirst);
  }

  /** @returns where in the numbers a row of zeros begins */
  take(): number {
    const at = this.#given.pop() ?? this.#next();
    this.numbers.fill(0, at, at + this.#width);
    return at;
  }

  /** Nobody reads that row any more. */
  give(at: number): void {
    this.#given.push(at);
  }

  #next(): number {
    const at = this.#end;
    this.#end += this.#width;
    if (this.#end > this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    return at;
  }
}

/** Lines pushed on one side, iterated on the other. */
export class LineQueue implements AsyncIterable<string>, AsyncIterator<string> {
  /** Called once when the reader stops early. */
  onReturn: () => void = () => undefined;
  readonly #lines: string[] = [];
  #waiting: ((result: IteratorResult<string>) => void) | undefined;
  #ended = false;

  push(line: string): void {
    if (this.#ended) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting({ value: line, done: false });
    else this.#lines.push(line);
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.({ value: undefined, done: true });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<string>> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve({ value: line, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<string>> {
    this.onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

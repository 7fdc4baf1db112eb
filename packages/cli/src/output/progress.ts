/** Where progress is told. */
interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * How far long work has come, on standard error: one line that is written over
 * on a terminal, a line a quarter elsewhere. The answer is on standard output.
 */
export class Progress {
  readonly #what: string;
  readonly #stream: Stream;
  #told = -1;

  constructor(what: string, stream: Stream = process.stderr) {
    this.#what = what;
    this.#stream = stream;
  }

  /** @param share done, 0..1 */
  at(share: number): void {
    const step = this.#stream.isTTY ? 100 : 4;
    const reached = Math.floor(Math.min(1, Math.max(0, share)) * step);
    if (reached === this.#told) return;
    this.#told = reached;
    const text = `${this.#what} ${Math.round((reached / step) * 100)}%`;
    this.#stream.write(this.#stream.isTTY ? `\r${text}\u001B[K` : `${text}\n`);
  }

  /** Leaves nothing behind on a terminal. */
  end(): void {
    if (this.#stream.isTTY && this.#told >= 0) this.#stream.write("\r\u001B[K");
  }
}

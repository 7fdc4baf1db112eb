/** Longer than any line that is asked for. */
const longestLine = 4096;

/** Cuts text into lines and holds no more of it than one line may have; longer ones are left out. */
export class BoundedLines {
  readonly #each: (line: string) => void;
  #rest = "";
  #tooLong = false;

  constructor(each: (line: string) => void) {
    this.#each = each;
  }

  push(text: string): void {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.#hold(text, from, end);
      this.#endLine();
      from = end + 1;
    }
    this.#hold(text, from, text.length);
  }

  /** What came after the last line break is a line too. */
  end(): void {
    this.#endLine();
  }

  #hold(text: string, from: number, to: number): void {
    if (this.#rest.length + to - from > longestLine) this.#tooLong = true;
    this.#rest = this.#tooLong ? "" : this.#rest + text.slice(from, to);
  }

  #endLine(): void {
    const line = this.#rest.trim();
    const whole = !this.#tooLong;
    this.#rest = "";
    this.#tooLong = false;
    if (whole && line !== "") this.#each(line);
  }
}

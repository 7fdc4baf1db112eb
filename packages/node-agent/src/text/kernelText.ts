/** Longest part of a kernel file that is looked at, in bytes; what the agent needs of /proc/stat and meminfo stands at their beginning. */
const capacityBytes = 4096;
const longestShown = 80;

/** What a kernel file said: one buffer, reused for every read, so that sampling leaves no garbage. */
export class KernelText {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(capacityBytes);
  length = 0;

  /** Takes the text of a string, for tests and for what was read elsewhere. */
  set(text: string): this {
    this.length = this.bytes.write(text, "latin1");
    return this;
  }

  /** The whole text, trimmed. */
  toString(): string {
    return this.bytes.toString("latin1", 0, this.length).trim();
  }

  /** Enough of the text to recognise it in a message. */
  excerpt(): string {
    const text = this.toString();
    return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  }
}

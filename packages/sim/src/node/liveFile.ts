import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/**
 * A file that is rewritten in place, so that a reader who keeps it open sees
 * the new content: one write from the start, then the old tail cut off.
 */
export class LiveFile {
  readonly #descriptor: number;
  #text = "";

  constructor(path: string) {
    this.#descriptor = openSync(path, "w+");
  }

  write(text: string): void {
    if (text === this.#text) return;
    writeSync(this.#descriptor, text, 0);
    if (text.length < this.#text.length) ftruncateSync(this.#descriptor, text.length);
    this.#text = text;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

import type { Clock } from "@walras/kit";

import type { Decision } from "../told/decision.ts";
import { type Entry, Followers, type History, type HistoryQuery, Ids, matches, sizeOf } from "./history.ts";

/** A text that was put together holds on to all its pieces, four times its size, until it is written out. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}

/** The history in this process alone. */
export class MemoryHistory implements History {
  readonly #mostBytes: number;
  readonly #ids: Ids;
  readonly #followers = new Followers();
  /** Oldest first; what is before `#from` has been forgotten and is cut off now and then. */
  #entries: Entry[] = [];
  #from = 0;
  #bytes = 0;

  constructor(mostBytes: number, clock: Clock) {
    this.#mostBytes = mostBytes;
    this.#ids = new Ids(clock.wallMs());
  }

  /** Entries that are kept. */
  get size(): number {
    return this.#entries.length - this.#from;
  }

  append(decision: Decision): void {
    const entry = { ...decision, reason: inOnePiece(decision.reason), id: this.#ids.next() };
    this.#entries.push(entry);
    this.#bytes += sizeOf(entry);
    while (this.#bytes > this.#mostBytes && this.size > 0) this.#forgetOldest();
    if (this.#from > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#from);
      this.#from = 0;
    }
    this.#followers.tell(entry);
  }

  query(query: HistoryQuery): Promise<readonly Entry[]> {
    const found = this.#entries.slice(this.#from).filter((entry) => matches(entry, query));
    return Promise.resolve(query.after === undefined ? found.slice(-query.limit) : found.slice(0, query.limit));
  }

  follow(listener: (entry: Entry) => void): () => void {
    return this.#followers.add(listener);
  }

  #forgetOldest(): void {
    const oldest = this.#entries[this.#from];
    this.#bytes -= oldest ? sizeOf(oldest) : 0;
    this.#from += 1;
  }
}

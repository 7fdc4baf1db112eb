import type { Clock, Timer } from "@walras/kit";

import { type Entry, type History, type HistoryQuery, matches } from "./history.ts";

/** What a stream needs of its connection. */
export interface StreamConnection {
  write(text: string): unknown;
  /** Bytes that the peer has not taken. */
  readonly writableLength: number;
  destroy(): unknown;
  once(event: "close" | "drain", listener: () => void): unknown;
}

const heartbeatMs = 15_000;
/** A peer that leaves more than this unread is dropped; it may resume by the last id that it has seen. */
const mostUnreadBytes = 256 * 1024;
const pageSize = 500;
/** What is decided while the past is sent; who takes longer over the past than that may resume, too. */
const mostEarly = 5_000;
/** Those who follow at a time. */
export const mostStreams = 32;

/** Server-sent events (WHATWG HTML, 9.2): what is past first, then each entry as it comes, none twice and none left out. */
export class HistoryStream {
  readonly #history: History;
  readonly #query: HistoryQuery;
  readonly #connection: StreamConnection;
  readonly #clock: Clock;
  #sent: number;
  #isOpen = true;
  #heartbeat: Timer | undefined;
  #stop: () => void = () => undefined;
  /** Ends the wait for a peer that is gone. */
  #wake: () => void = () => undefined;

  constructor(history: History, query: HistoryQuery, connection: StreamConnection, clock: Clock) {
    this.#history = history;
    this.#query = query;
    this.#connection = connection;
    this.#clock = clock;
    this.#sent = query.after ?? 0;
  }

  /** Sends what is past, and goes on until the connection closes. */
  async start(): Promise<void> {
    this.#connection.once("close", () => this.#close());
    const early: Entry[] = [];
    let live = (entry: Entry): void => {
      if (early.push(entry) > mostEarly) this.#connection.destroy();
    };
    this.#stop = this.#history.follow((entry) => {
      if (this.#isOpen && matches(entry, this.#query)) live(entry);
    });
    await this.#sendPast();
    // Entries that came meanwhile are in the past as well, or follow it.
    for (const entry of early) this.#send(entry);
    live = (entry) => this.#send(entry);
    this.#beat();
  }

  async #sendPast(): Promise<void> {
    if (this.#query.after === undefined) {
      await this.#sendPaced(await this.#history.query(this.#query));
      return;
    }
    for (;;) {
      const page = await this.#history.query({ ...this.#query, after: this.#sent, limit: pageSize });
      await this.#sendPaced(page);
      if (page.length < pageSize || !this.#isOpen) return;
    }
  }

  /** The past may be larger than what a peer may leave unread: no faster than it reads. */
  async #sendPaced(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (this.#connection.writableLength > mostUnreadBytes / 2) await this.#drained();
      this.#send(entry);
    }
  }

  /** When the peer has taken what was written, or is gone; who takes nothing for so long is dropped. */
  async #drained(): Promise<void> {
    if (!this.#isOpen) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#connection.once("drain", resolve);
    const late = this.#clock.after(heartbeatMs, () => this.#connection.destroy());
    await promise;
    late.cancel();
  }

  #send(entry: Entry): void {
    if (!this.#isOpen || entry.id <= this.#sent) return;
    this.#sent = entry.id;
    this.#write(`id: ${entry.id}\ndata: ${JSON.stringify(entry)}\n\n`);
  }

  #write(text: string): void {
    if (this.#connection.writableLength > mostUnreadBytes) this.#connection.destroy();
    else this.#connection.write(text);
  }

  #beat(): void {
    if (!this.#isOpen) return;
    this.#heartbeat = this.#clock.after(heartbeatMs, () => {
      this.#write(": still here\n\n");
      this.#beat();
    });
  }

  #close(): void {
    this.#isOpen = false;
    this.#heartbeat?.cancel();
    this.#stop();
    this.#wake();
  }
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";

import type { Decision } from "../told/decision.ts";
import { type Entry, Followers, type History, type HistoryQuery, Ids } from "./history.ts";
import { MemoryHistory } from "./memory.ts";
import type { Answer, Question } from "./worker.ts";

export interface DiskHistoryOptions {
  /** Made where it is not there. */
  readonly folder: string;
  readonly mostBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** So many decisions are lost, since the disk does not keep up. */
  readonly onDropped: (count: number) => void;
}

/** Written together: what is decided in this time, or so many. */
const batchMs = 200;
const batchMost = 500;
/** Given to the thread and not written yet: beyond it the disk does not keep up. */
const mostUnwritten = 20_000;
/** How long a query may take; the thread may be busy writing. */
const queryMs = 10_000;
const mostQueries = 32;

const program = import.meta.filename.endsWith(".ts")
  ? new URL("worker.ts", import.meta.url)
  : new URL("history-worker.mjs", import.meta.url);

/**
 * The history in a SQLite file, written by a thread of its own. Where the disk
 * cannot be written, decisions go on in memory, and are told of once.
 */
export class DiskHistory implements History, Runnable {
  readonly name = "history";
  readonly #options: DiskHistoryOptions;
  readonly #followers = new Followers();
  readonly #queries = new Map<number, (entries: readonly Entry[]) => void>();
  /** In its place, where the disk fails. */
  #memory: MemoryHistory | undefined;
  #worker: Worker | undefined;
  #ids: Ids;
  #batch: Entry[] = [];
  #unwritten = 0;
  #calls = 0;
  #timer: Timer | undefined;
  #opened = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();

  constructor(options: DiskHistoryOptions) {
    this.#options = options;
    this.#ids = new Ids(options.clock.wallMs());
  }

  async start(): Promise<void> {
    const { folder, mostBytes } = this.#options;
    try {
      mkdirSync(folder, { recursive: true });
      const worker = new Worker(program, { workerData: { file: join(folder, "history.sqlite"), mostBytes } });
      this.#worker = worker;
      worker.unref();
      worker.on("message", (answer: Answer) => this.#hear(answer));
      worker.on("error", (error) => this.#fail(describeError(error)));
      worker.on("exit", () => this.#closed.resolve());
    } catch (error) {
      this.#fail(describeError(error));
    }
    await this.#opened.promise;
  }

  /** What is decided already is written before. */
  async stop(): Promise<void> {
    this.#flush();
    if (!this.#worker) return;
    // Nothing else may keep the process until it has been written.
    this.#worker.ref();
    this.#ask({ kind: "close" });
    await this.#closed.promise;
  }

  append(decision: Decision): void {
    if (this.#memory) {
      this.#memory.append(decision);
      return;
    }
    const entry = { ...decision, id: this.#ids.next() };
    if (this.#unwritten >= mostUnwritten) {
      this.#options.onDropped(1);
    } else {
      this.#unwritten += 1;
      this.#batch.push(entry);
      if (this.#batch.length >= batchMost) this.#flush();
      else this.#timer ??= this.#options.clock.after(batchMs, () => this.#flush());
    }
    this.#followers.tell(entry);
  }

  query(query: HistoryQuery): Promise<readonly Entry[]> {
    if (this.#memory) return this.#memory.query(query);
    if (this.#queries.size >= mostQueries)
      return Promise.reject(new Error("too many queries of the history at a time"));
    this.#flush();
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      const late = this.#options.clock.after(queryMs, () => {
        this.#queries.delete(call);
        reject(new Error(`the history has not answered in ${queryMs / 1000} s`));
      });
      this.#queries.set(call, (entries) => {
        late.cancel();
        resolve(entries);
      });
      this.#ask({ kind: "query", call, query });
    });
  }

  follow(listener: (entry: Entry) => void): () => void {
    return this.#followers.add(listener);
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#batch.length === 0) return;
    this.#ask({ kind: "append", entries: this.#batch });
    this.#batch = [];
  }

  #ask(question: Question): void {
    this.#worker?.postMessage(question);
  }

  #hear(answer: Answer): void {
    const { clock, logger } = this.#options;
    if (answer.kind === "open") {
      this.#ids = new Ids(clock.wallMs(), answer.lastId);
      if (answer.putAside !== null)
        logger.warn({ file: answer.putAside }, "history was damaged: put aside, begun anew");
      this.#opened.resolve();
    } else if (answer.kind === "appended") {
      this.#unwritten -= answer.count;
    } else if (answer.kind === "found") {
      this.#queries.get(answer.call)?.(answer.entries);
      this.#queries.delete(answer.call);
    } else if (answer.kind === "failed") {
      this.#fail(answer.error);
    }
  }

  /** From here on in memory; who follows goes on following. */
  #fail(error: string): void {
    const { mostBytes, clock, logger, onDropped } = this.#options;
    this.#opened.resolve();
    if (this.#memory) return;
    logger.warn({ error }, "history cannot be written: it is kept in memory only");
    const memory = new MemoryHistory(mostBytes, clock);
    memory.follow((entry) => this.#followers.tell(entry));
    this.#memory = memory;
    if (this.#unwritten > 0) onDropped(this.#unwritten);
    for (const answer of this.#queries.values()) answer([]);
    this.#queries.clear();
    void this.#worker?.terminate();
  }
}

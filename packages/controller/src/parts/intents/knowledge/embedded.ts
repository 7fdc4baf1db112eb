import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { describeError, type Logger, type Runnable } from "@walras/kit";

import type { KnowledgeBase, PlanEvent } from "../loop/ports.ts";
import type { Effect } from "../models/effects.ts";
import type { Bounds } from "./table.ts";
import type { Answer, Question } from "./worker.ts";

export interface EmbeddedOptions extends Bounds {
  /** Made where it is not there; undefined: in memory alone. */
  readonly folder: string | undefined;
  readonly logger: Logger;
}

type Asked = Question extends infer One ? (One extends Question ? Omit<One, "call"> : never) : never;

interface Waiting {
  readonly resolve: (found: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Given to the thread and not answered yet: beyond it the disk does not keep up. */
const mostWaiting = 5_000;

const program = import.meta.filename.endsWith(".ts")
  ? new URL("worker.ts", import.meta.url)
  : new URL("knowledge-worker.mjs", import.meta.url);

/**
 * The knowledge base in a SQLite file, written by a thread of its own; a
 * process that is killed keeps what was recorded. Where the folder cannot be
 * written it is kept in memory, and that is told once.
 */
export class EmbeddedKnowledge implements KnowledgeBase, Runnable {
  readonly name = "knowledge base";
  readonly #options: EmbeddedOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #calls = 0;
  #stopping = false;
  #opened = Promise.withResolvers<void>();

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { folder } = this.#options;
    try {
      if (folder !== undefined) mkdirSync(folder, { recursive: true });
      this.#open(folder === undefined ? inMemory : join(folder, "intents.sqlite"));
    } catch (error) {
      this.#fail(describeError(error), "");
    }
    await this.#opened.promise;
  }

  /** What was recorded already is written before. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // Nothing else may keep the process until it has been written.
    this.#worker?.ref();
    await this.#ask({ kind: "close" }).catch(() => undefined);
    await this.#worker?.terminate();
    this.#worker = undefined;
    this.#rejectAll("it has been closed");
  }

  record(event: PlanEvent): Promise<void> {
    return this.#ask({ kind: "record", event }) as Promise<void>;
  }

  events(intent: string, most: number): Promise<readonly PlanEvent[]> {
    return this.#ask({ kind: "events", intent, most }) as Promise<readonly PlanEvent[]>;
  }

  effects(intent: string): Promise<readonly Effect[]> {
    return this.#ask({ kind: "effects", intent }) as Promise<readonly Effect[]>;
  }

  learn(effect: Effect): Promise<void> {
    return this.#ask({ kind: "learn", effect }) as Promise<void>;
  }

  #open(file: string): void {
    const { mostBytes, mostEventsOfIntent, keptMs } = this.#options;
    const worker = new Worker(program, { workerData: { file, bounds: { mostBytes, mostEventsOfIntent, keptMs } } });
    this.#worker = worker;
    worker.unref();
    worker.on("message", (answer: Answer) => this.#hear(answer, file));
    worker.on("error", (error) => this.#fail(describeError(error), file));
  }

  #ask(question: Asked): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#worker === undefined) return Promise.reject(new Error("the knowledge base is not open"));
    if (this.#waiting.size >= mostWaiting && question.kind !== "close")
      return Promise.reject(new Error(`the knowledge base does not keep up: ${mostWaiting} calls wait`));
    this.#calls += 1;
    const call = this.#calls;
    this.#waiting.set(call, { resolve, reject });
    this.#worker.postMessage({ ...question, call });
    return promise;
  }

  #hear(answer: Answer, file: string): void {
    if (answer.kind === "open") {
      if (answer.putAside !== null)
        this.#options.logger.warn({ file: answer.putAside }, "knowledge base was damaged: put aside, begun anew");
      this.#opened.resolve();
    } else if (answer.kind === "failed") {
      this.#fail(answer.error, file);
    } else {
      const waiting = this.#waiting.get(answer.call);
      this.#waiting.delete(answer.call);
      if (answer.kind === "done") waiting?.resolve(answer.found);
      else waiting?.reject(new Error(`the knowledge base: ${answer.error}`));
    }
  }

  /** From here on in memory; where not even that can be had, every call fails. */
  #fail(error: string, file: string): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    this.#rejectAll(error);
    if (file === inMemory || this.#stopping) {
      this.#opened.resolve();
      return;
    }
    this.#options.logger.warn({ error }, "knowledge base cannot be written: it is kept in memory only");
    this.#open(inMemory);
  }

  #rejectAll(error: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`the knowledge base: ${error}`));
    this.#waiting.clear();
  }
}

const inMemory = ":memory:";

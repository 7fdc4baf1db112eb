// The thread that has the knowledge base open: what it waits for the disk holds up nobody else.
import { parentPort, workerData } from "node:worker_threads";

import { openedOrPutAside } from "../../../base/history/sqlite.ts";
import type { PlanEvent } from "../loop/ports.ts";
import type { Effect } from "../models/effects.ts";
import { type Bounds, KnowledgeTable } from "./table.ts";

/** What the thread is asked. */
export type Question = { readonly call: number } & (
  | { readonly kind: "record"; readonly event: PlanEvent }
  | { readonly kind: "learn"; readonly effect: Effect }
  | { readonly kind: "events"; readonly intent: string; readonly most: number }
  | { readonly kind: "effects"; readonly intent: string }
  | { readonly kind: "close" }
);

/** What it says. */
export type Answer =
  | { readonly kind: "open"; readonly putAside: string | null }
  | { readonly kind: "done"; readonly call: number; readonly found: unknown }
  | { readonly kind: "refused"; readonly call: number; readonly error: string }
  | { readonly kind: "failed"; readonly error: string };

const { file, bounds } = workerData as { readonly file: string; readonly bounds: Bounds };

function say(answer: Answer): void {
  parentPort?.postMessage(answer);
}

/** The thread is begun without what it does not need. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function attempt(calls: readonly number[], work: () => unknown): void {
  let said: (call: number) => Answer;
  try {
    const found = work();
    said = (call) => ({ kind: "done", call, found });
  } catch (error) {
    said = (call) => ({ kind: "refused", call, error: messageOf(error) });
  }
  for (const call of calls) say(said(call));
}

/** Events that come together are written together. */
class Desk {
  readonly #table: KnowledgeTable;
  #unwritten: Extract<Question, { readonly kind: "record" }>[] = [];

  constructor(table: KnowledgeTable) {
    this.#table = table;
  }

  take(question: Question): void {
    if (question.kind === "record") {
      if (this.#unwritten.length === 0) setImmediate(() => this.#write());
      this.#unwritten.push(question);
      return;
    }
    this.#write();
    attempt([question.call], () => this.#answer(question));
    if (question.kind === "close") parentPort?.close();
  }

  #write(): void {
    const questions = this.#unwritten;
    this.#unwritten = [];
    if (questions.length === 0) return;
    const events = questions.map(({ event }) => event);
    attempt(
      questions.map(({ call }) => call),
      () => this.#table.record(events),
    );
  }

  #answer(question: Exclude<Question, { readonly kind: "record" }>): unknown {
    if (question.kind === "learn") return this.#table.learn(question.effect);
    if (question.kind === "events") return this.#table.events(question.intent, question.most);
    if (question.kind === "effects") return this.#table.effects(question.intent);
    return this.#table.close();
  }
}

try {
  const { table, putAside } = openedOrPutAside(file, (path) => new KnowledgeTable(path, bounds));
  const desk = new Desk(table);
  say({ kind: "open", putAside });
  parentPort?.on("message", (question: Question) => desk.take(question));
} catch (error) {
  say({ kind: "failed", error: messageOf(error) });
}

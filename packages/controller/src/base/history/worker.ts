// The thread that has the database open: what it waits for the disk holds up nobody else.
import { parentPort, workerData } from "node:worker_threads";

import type { Entry, HistoryQuery } from "./history.ts";
import { openedOrPutAside } from "./sqlite.ts";
import { DecisionTable } from "./table.ts";

/** What the thread is asked. */
export type Question =
  | { readonly kind: "append"; readonly entries: readonly Entry[] }
  | { readonly kind: "query"; readonly call: number; readonly query: HistoryQuery }
  | { readonly kind: "close" };

/** What it says. */
export type Answer =
  | { readonly kind: "open"; readonly lastId: number; readonly putAside: string | null }
  | { readonly kind: "appended"; readonly count: number }
  | { readonly kind: "found"; readonly call: number; readonly entries: readonly Entry[] }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly error: string };

const { file, mostBytes } = workerData as { readonly file: string; readonly mostBytes: number };

function say(answer: Answer): void {
  parentPort?.postMessage(answer);
}

function serve(table: DecisionTable, question: Question): void {
  if (question.kind === "append") {
    table.append(question.entries);
    say({ kind: "appended", count: question.entries.length });
  } else if (question.kind === "query") {
    say({ kind: "found", call: question.call, entries: table.query(question.query) });
  } else {
    table.close();
    say({ kind: "closed" });
    parentPort?.close();
  }
}

function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    say({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  }
}

guarded(() => {
  const { table, putAside } = openedOrPutAside(file, (path) => new DecisionTable(path, mostBytes));
  say({ kind: "open", lastId: table.lastId(), putAside });
  parentPort?.on("message", (question: Question) => guarded(() => serve(table, question)));
});

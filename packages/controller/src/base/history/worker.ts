// The thread that has the database open: what it waits for the disk holds up nobody else.
import { renameSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import type { Entry, HistoryQuery } from "./history.ts";
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

/** SQLite's words for a file that is damaged or no database. */
const damaged = /malformed|not a database|corrupt/i;

/** A damaged file is put aside, so that somebody may look at it. */
function open(): { readonly table: DecisionTable; readonly putAside: string | null } {
  try {
    return { table: new DecisionTable(file, mostBytes), putAside: null };
  } catch (error) {
    if (!(error instanceof Error) || !damaged.test(error.message)) throw error;
    const putAside = `${file}.broken`;
    renameSync(file, putAside);
    return { table: new DecisionTable(file, mostBytes), putAside };
  }
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
  const { table, putAside } = open();
  say({ kind: "open", lastId: table.lastId(), putAside });
  parentPort?.on("message", (question: Question) => guarded(() => serve(table, question)));
});

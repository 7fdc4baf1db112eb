import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

import type { Entry, HistoryQuery } from "./history.ts";
import { bytesInUse, openDatabase, transaction } from "./sqlite.ts";

const schema = `
CREATE TABLE IF NOT EXISTS decisions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  part TEXT NOT NULL,
  apiVersion TEXT NOT NULL,
  kind TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  uid TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  numbers TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS decisions_of ON decisions (namespace, name, id);
CREATE INDEX IF NOT EXISTS decisions_at ON decisions (at);
`;

/** Of the rows, the oldest part that goes when there are too many. */
const forgottenShare = 0.1;

/** The table of decisions in one file. A transaction a batch. */
export class DecisionTable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #mostBytes: number;

  /** @throws Error where the file is no database, or cannot be written */
  constructor(file: string, mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#database = openDatabase(file);
    this.#database.exec(schema);
    this.#insert = this.#database.prepare("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }

  /** The largest id there is; 0 without any. */
  lastId(): number {
    return Number(this.#database.prepare("SELECT max(id) AS id FROM decisions").get()?.["id"] ?? 0);
  }

  append(entries: readonly Entry[]): void {
    transaction(this.#database, () => {
      for (const entry of entries) this.#insert.run(...rowOf(entry));
    });
    if (bytesInUse(this.#database) > this.#mostBytes) this.#forgetOldest();
  }

  query(query: HistoryQuery): Entry[] {
    const { where, values } = conditions(query);
    const order = query.after === undefined ? "DESC" : "ASC";
    const rows = this.#database
      .prepare(`SELECT * FROM decisions ${where} ORDER BY id ${order} LIMIT ?`)
      .all(...values, query.limit);
    const entries = rows.map((row) => entryOf(row as unknown as Row));
    return query.after === undefined ? entries.toReversed() : entries;
  }

  close(): void {
    this.#database.close();
  }

  #forgetOldest(): void {
    const count = Number(this.#database.prepare("SELECT count(*) AS n FROM decisions").get()?.["n"] ?? 0);
    const gone = Math.max(1, Math.ceil(count * forgottenShare));
    this.#database
      .prepare("DELETE FROM decisions WHERE id IN (SELECT id FROM decisions ORDER BY id LIMIT ?)")
      .run(gone);
    this.#database.exec("PRAGMA incremental_vacuum");
  }
}

interface Row {
  readonly id: number;
  readonly at: number;
  readonly part: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly verdict: string;
  readonly reason: string;
  readonly numbers: string;
}

function rowOf({ id, at, part, object, verdict, reason, numbers }: Entry): SQLInputValue[] {
  const { apiVersion, kind, namespace, name, uid } = object;
  return [id, Math.round(at), part, apiVersion, kind, namespace, name, uid, verdict, reason, JSON.stringify(numbers)];
}

function entryOf({ id, at, part, apiVersion, kind, namespace, name, uid, verdict, reason, numbers }: Row): Entry {
  const object = { apiVersion, kind, namespace, name, uid };
  return { id, at, part, object, verdict, reason, numbers: JSON.parse(numbers) as Entry["numbers"] };
}

function conditions(query: HistoryQuery): { readonly where: string; readonly values: SQLInputValue[] } {
  const { part, kind, namespace, name, uid, sinceMs, untilMs, after } = query;
  const all: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ["part = ?", part],
    ["kind = ?", kind],
    ["namespace = ?", namespace],
    ["name = ?", name],
    ["uid = ?", uid],
    ["at >= ?", sinceMs],
    ["at <= ?", untilMs],
    ["id > ?", after],
  ];
  const given = all.filter((one): one is readonly [string, SQLInputValue] => one[1] !== undefined);
  const where = given.length === 0 ? "" : `WHERE ${given.map(([condition]) => condition).join(" AND ")}`;
  return { where, values: given.map(([, value]) => value) };
}

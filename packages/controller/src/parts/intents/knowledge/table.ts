import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

import { bytesInUse, openDatabase, transaction } from "../../../base/history/sqlite.ts";
import type { PlanEvent } from "../loop/ports.ts";
import type { Effect } from "../models/effects.ts";

/** How much is kept. */
export interface Bounds {
  readonly mostBytes: number;
  readonly mostEventsOfIntent: number;
  /** What is older than the newest by so much is forgotten. */
  readonly keptMs: number;
}

const schema = `
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of ON events (name, id);
CREATE INDEX IF NOT EXISTS events_at ON events (at);
CREATE TABLE IF NOT EXISTS effects (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL, at INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS effects_of ON effects (name, topic, id);
CREATE INDEX IF NOT EXISTS effects_at ON effects (at);
`;

/** Models of one KPI: the newest is believed, some before it tell how it has changed. */
const mostEffects = 10;
/** Of the events, the oldest part that goes when there are too many. */
const forgottenShare = 0.1;
/** The size is looked at after so many writes. */
const writesBetween = 50;

/** Events and effects in one file, or in memory where it is called `:memory:`. */
export class KnowledgeTable {
  readonly #database: DatabaseSync;
  readonly #bounds: Bounds;
  readonly #statements = new Map<string, StatementSync>();
  /** Since the size was looked at. */
  #writes = 0;

  /** @throws Error where the file is no database, or cannot be written */
  constructor(file: string, bounds: Bounds) {
    this.#bounds = bounds;
    this.#database = openDatabase(file);
    this.#database.exec(schema);
  }

  /** All of them, or none. */
  record(events: readonly PlanEvent[]): void {
    const newestMs = events.reduce((newest, { timestampMs }) => Math.max(newest, timestampMs), 0);
    transaction(this.#database, () => {
      for (const event of events) this.#record(event);
      this.#forgetOlderThan(newestMs - this.#bounds.keptMs);
    });
    this.#writes += events.length;
    if (this.#writes < writesBetween) return;
    this.#writes = 0;
    this.#shrink();
  }

  learn(effect: Effect): void {
    const { name, group, profileName, static: pinned, timestamp = 0 } = effect;
    // Somebody's word is not pushed out by what is learnt.
    const topic = JSON.stringify([group, profileName, pinned]);
    const at = pinned ? Number.MAX_SAFE_INTEGER : Math.round(timestamp);
    const document = JSON.stringify(effect);
    transaction(this.#database, () => {
      this.#run("INSERT INTO effects (name, topic, at, document) VALUES (?, ?, ?, ?)", name, topic, at, document);
      this.#run(
        `DELETE FROM effects WHERE name = ? AND topic = ? AND id <=
          (SELECT id FROM effects WHERE name = ? AND topic = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
        name,
        topic,
        name,
        topic,
        mostEffects,
      );
    });
  }

  events(intent: string, most: number): PlanEvent[] {
    const newest = this.#documents("SELECT document FROM events WHERE name = ? ORDER BY id DESC LIMIT ?", intent, most);
    return newest.toReversed() as PlanEvent[];
  }

  effects(intent: string): Effect[] {
    return this.#documents("SELECT document FROM effects WHERE name = ? ORDER BY id", intent) as Effect[];
  }

  close(): void {
    this.#database.close();
  }

  #record(event: PlanEvent): void {
    const { name, timestampMs } = event;
    const document = JSON.stringify(event);
    this.#run("INSERT INTO events (name, at, document) VALUES (?, ?, ?)", name, Math.round(timestampMs), document);
    this.#run(
      `DELETE FROM events WHERE name = ? AND id <=
        (SELECT id FROM events WHERE name = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      name,
      name,
      this.#bounds.mostEventsOfIntent,
    );
  }

  #forgetOlderThan(oldestMs: number): void {
    this.#run("DELETE FROM events WHERE at < ?", Math.round(oldestMs));
    this.#run("DELETE FROM effects WHERE at < ?", Math.round(oldestMs));
  }

  #shrink(): void {
    while (bytesInUse(this.#database) > this.#bounds.mostBytes && this.#forgetOldest() > 0);
    this.#database.exec("PRAGMA incremental_vacuum");
  }

  /** @returns how many */
  #forgetOldest(): number {
    const count = Number(this.#prepared("SELECT count(*) AS n FROM events").get()?.["n"] ?? 0);
    const gone = Math.ceil(count * forgottenShare);
    this.#run("DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?)", gone);
    return gone;
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  #documents(sql: string, ...values: SQLInputValue[]): unknown[] {
    return this.#prepared(sql)
      .all(...values)
      .map((row) => JSON.parse(String(row["document"])) as unknown);
  }

  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

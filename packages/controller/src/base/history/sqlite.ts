import { renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/**
 * A database in one file, written ahead: a process that is killed loses what
 * it had not written, and never what it had.
 *
 * @throws Error where the file is no database, or cannot be written
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec("PRAGMA journal_size_limit = 1048576; PRAGMA wal_autocheckpoint = 200;");
  return database;
}

/** All or nothing of it. */
export function transaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Of the pages in use: those that were freed are used again before the file grows. */
export function bytesInUse(database: DatabaseSync): number {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}

/** SQLite's words for a file that is damaged or no database. */
const damaged = /malformed|not a database|corrupt/i;

/** A damaged file is put aside, so that somebody may look at it. */
export function openedOrPutAside<Table>(
  file: string,
  open: (file: string) => Table,
): { readonly table: Table; readonly putAside: string | null } {
  try {
    return { table: open(file), putAside: null };
  } catch (error) {
    if (!(error instanceof Error) || !damaged.test(error.message)) throw error;
    const putAside = `${file}.broken`;
    renameSync(file, putAside);
    return { table: open(file), putAside };
  }
}

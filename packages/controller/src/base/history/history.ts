import type { Decision } from "../told/decision.ts";

/** A decision in the history. Its id is larger than every earlier one's, over restarts too. */
export interface Entry extends Decision {
  readonly id: number;
}

/** What to look for; what is not given does not matter. */
export interface HistoryQuery {
  readonly part?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Entries after this id, from the oldest on; without it the newest. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** Where decisions are kept and found: append-only, bounded by bytes, the oldest forgotten. */
export interface History {
  /** Returns at once; never throws. */
  append(decision: Decision): void;
  /** In the order of their ids. */
  query(query: HistoryQuery): Promise<readonly Entry[]>;
  /** Tells of each entry from now on. @returns how to stop it */
  follow(listener: (entry: Entry) => void): () => void;
}

export function matches(
  entry: Entry,
  { part, kind, namespace, name, uid, sinceMs, untilMs, after }: HistoryQuery,
): boolean {
  const { object } = entry;
  const equal: readonly (readonly [string | undefined, string])[] = [
    [part, entry.part],
    [kind, object.kind],
    [namespace, object.namespace],
    [name, object.name],
    [uid, object.uid],
  ];
  if (!equal.every(([wanted, is]) => wanted === undefined || wanted === is)) return false;
  return entry.at >= (sinceMs ?? -Infinity) && entry.at <= (untilMs ?? Infinity) && entry.id > (after ?? -Infinity);
}

/** About what an entry takes, in bytes: its texts, and some for what holds them. */
export function sizeOf({ part, object, verdict, reason, numbers }: Decision): number {
  const texts = part.length + verdict.length + reason.length + Object.values(object).join("").length;
  return 200 + texts + 40 * Object.keys(numbers).length;
}

/** Ids of one process: they begin where no earlier process can have been, as long as the clock goes on. */
export class Ids {
  #last: number;

  constructor(wallMs: number, last = 0) {
    this.#last = Math.max(last, wallMs * 1000);
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** Those who are told of each entry. */
export class Followers {
  readonly #listeners = new Set<(entry: Entry) => void>();

  add(listener: (entry: Entry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(entry: Entry): void {
    for (const listener of this.#listeners) listener(entry);
  }
}

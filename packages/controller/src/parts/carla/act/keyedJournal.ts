import type { JournalEntry, JournalPort } from "./journal.ts";

/**
 * A journal whose applications are "namespace/name" to those who use it, and a
 * name and a namespace in its lines. A line of before has a name alone: what it
 * tells of failures is held against every application of that name, what it
 * tells of a success is believed where there is one.
 *
 * @param keysOf the applications of a name, as "namespace/name"
 */
export function keyedJournal(journal: JournalPort, keysOf: (name: string) => readonly string[]): JournalPort {
  return {
    read: async () => (await journal.read()).flatMap((entry) => withKey(entry, keysOf)),
    append: (entry) => {
      const [namespace, app] = splitKey(entry.app);
      return journal.append(namespace === null ? entry : { ...entry, app, namespace });
    },
  };
}

function withKey({ namespace, ...entry }: JournalEntry, keysOf: (name: string) => readonly string[]): JournalEntry[] {
  if (namespace !== undefined) return [{ ...entry, app: `${namespace}/${entry.app}` }];
  const keys = keysOf(entry.app);
  if (keys.length > 1 && entry.event === "succeeded") return [];
  return keys.map((app) => ({ ...entry, app }));
}

function splitKey(key: string): readonly [namespace: string | null, name: string] {
  const at = key.indexOf("/");
  return at < 0 ? [null, key] : [key.slice(0, at), key.slice(at + 1)];
}

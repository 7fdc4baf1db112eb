import type { Clock } from "@walras/kit";

import type { Presence } from "../decide/snapshot.ts";
import { Family } from "./family.ts";
import type { ApplicationDigest, ApplicationRef, ApplicationState } from "./port.ts";

interface Entry {
  readonly application: ApplicationState;
  /** Monotonic milliseconds of the last word about it. */
  readonly heardMs: number;
}

/** The Applications that are known, newest word first come last. */
export class Catalogue {
  readonly #entries = new Map<string, Entry>();
  readonly #unreadable = new Set<string>();
  readonly #family = new Family();
  readonly #words = new Map<string, string>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): ApplicationState | undefined {
    return this.#entries.get(key)?.application;
  }

  /** Nothing older replaces something newer, whichever way it came. */
  put(application: ApplicationState): void {
    const key = keyOf(application);
    const known = this.#entries.get(key)?.application;
    if (known && isOlder(application, known)) return;
    this.#unreadable.delete(key);
    this.#family.put(key, application);
    this.#entries.set(key, { application: this.#shared(application), heardMs: this.#clock.monotonicMs() });
  }

  /** What cannot be read is there all the same: only how it is, is not known. */
  setAside(ref: ApplicationRef): void {
    const key = keyOf(ref);
    this.#unreadable.add(key);
    const known = this.#entries.get(key)?.application;
    if (!known) return;
    const application: ApplicationState = { ...known, sync: "Unknown", health: "Unknown" };
    this.#entries.set(key, { application, heardMs: this.#clock.monotonicMs() });
  }

  /** Whether it has been heard of, readable or not. */
  has(key: string): boolean {
    return this.#entries.has(key) || this.#unreadable.has(key);
  }

  presence(key: string): Presence {
    if (this.#unreadable.has(key)) return "unreadable";
    return this.#entries.has(key) ? "present" : "hidden";
  }

  /** Applications that it manages, and those that they manage in turn. */
  descendants(key: string): readonly ApplicationState[] {
    return this.#family.below(key).flatMap((child) => this.get(child) ?? []);
  }

  isUnreadable(key: string): boolean {
    return this.#unreadable.has(key);
  }

  remove(key: string): void {
    this.#entries.delete(key);
    this.#unreadable.delete(key);
    this.#family.remove(key);
  }

  /** Drops what is not in a list, unless it was heard of after the list was asked for. */
  retain(keys: ReadonlySet<string>, askedMs: number): void {
    for (const [key, { heardMs }] of this.#entries) if (!keys.has(key) && heardMs < askedMs) this.remove(key);
    for (const key of this.#unreadable) if (!keys.has(key)) this.#unreadable.delete(key);
  }

  /** Whether a list tells something else than what has been known since before `sinceMs`. */
  differs(digest: ApplicationDigest, sinceMs: number): boolean {
    const entry = this.#entries.get(keyOf(digest));
    if (!entry) return true;
    if (entry.heardMs > sinceMs) return false;
    const { sync, health, operation } = entry.application;
    return sync !== digest.sync || health !== digest.health || (operation?.phase ?? null) !== digest.phase;
  }

  /** Ten thousand Applications have few projects and revisions: each word is kept once. */
  #shared(application: ApplicationState): ApplicationState {
    const word = (text: string): string => {
      const known = this.#words.get(text);
      if (known !== undefined) return known;
      if (this.#words.size < mostWords) this.#words.set(text, text);
      return text;
    };
    const words = (texts: readonly string[]): readonly string[] => texts.map(word);
    return {
      ...application,
      namespace: word(application.namespace),
      project: word(application.project),
      revisions: words(application.revisions),
      clusters: words(application.clusters),
      labels: Object.fromEntries(Object.entries(application.labels).map(([key, value]) => [word(key), word(value)])),
      targetRevisions: words(application.targetRevisions),
      history: application.history.map(({ id, revisions }) => ({ id, revisions: words(revisions) })),
    };
  }
}

const mostWords = 5_000;

export function keyOf({ namespace, name }: ApplicationRef): string {
  return `${namespace}/${name}`;
}

/** resourceVersion is a number in every API server there is; Argo CD's comparisons bear a time as well. */
function isOlder(one: ApplicationState, other: ApplicationState): boolean {
  if (one.uid !== other.uid) return false;
  const versions = [Number(one.resourceVersion), Number(other.resourceVersion)] as const;
  if (versions.every(Number.isFinite) && versions[0] !== versions[1]) return versions[0] < versions[1];
  return (one.reconciledAtMs ?? 0) < (other.reconciledAtMs ?? 0);
}

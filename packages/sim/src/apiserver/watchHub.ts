import type { Store, StoreEvent } from "./store.ts";
import type { Watcher } from "./watch.ts";

/** Brings every change to the watches of its collection. */
export class WatchHub {
  readonly #watchers = new Map<string, Set<Watcher>>();
  #held: StoreEvent[] | undefined;

  constructor(store: Store) {
    store.onChange((event) => (this.#held ? this.#held.push(event) : this.#deliver(event)));
  }

  /** @returns closes the watch */
  add(watcher: Watcher): () => void {
    const { collection } = watcher.options.type;
    const watchers = this.#watchers.get(collection) ?? new Set();
    this.#watchers.set(collection, watchers.add(watcher));
    return () => {
      watcher.close();
      watchers.delete(watcher);
    };
  }

  /** How many watches are open. */
  get open(): number {
    return [...this.#watchers.values()].reduce((sum, watchers) => sum + watchers.size, 0);
  }

  /** Keeps changes back until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.#deliver(event);
  }

  /** Ends every watch, as a restarting server does. */
  dropAll(): void {
    for (const watchers of this.#watchers.values()) {
      for (const watcher of watchers) watcher.end();
      watchers.clear();
    }
  }

  #deliver(event: StoreEvent): void {
    for (const [collection, watchers] of this.#watchers) {
      for (const watcher of watchers) {
        if (watcher.closed) watchers.delete(watcher);
        else if (collection === event.collection) watcher.send(event);
        else watcher.reached(event.version);
      }
    }
  }
}

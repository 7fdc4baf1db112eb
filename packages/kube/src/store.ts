import { isDeepStrictEqual } from "node:util";

/** What every stored item has: enough to find it by. */
export interface StoreItem {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** A change of one item. */
export type StoreChange<Item> =
  | { readonly type: "added"; readonly item: Item }
  | { readonly type: "updated"; readonly item: Item; readonly previous: Item }
  | { readonly type: "deleted"; readonly item: Item };

/** What a store needs to index by; undefined: the item is in no group. */
export type GroupOf<Item> = (item: Item) => string | undefined;

/**
 * Trimmed objects of one kind, by UID, by name and by one group. A successor
 * of the same name is another item: the old one is deleted first.
 */
export class Store<Item extends StoreItem> {
  readonly #byUid = new Map<string, Item>();
  readonly #byName = new Map<string, Map<string, Item>>();
  readonly #groups = new Map<string, Map<string, Item>>();
  readonly #groupOf: GroupOf<Item>;
  readonly #listeners: ((change: StoreChange<Item>) => void)[] = [];
  #onListenerError: (error: unknown) => void = rethrowLater;

  constructor(groupOf: GroupOf<Item> = () => undefined) {
    this.#groupOf = groupOf;
  }

  get size(): number {
    return this.#byUid.size;
  }

  get(uid: string): Item | undefined {
    return this.#byUid.get(uid);
  }

  named(namespace: string, name: string): Item | undefined {
    return this.#byName.get(namespace)?.get(name);
  }

  /** The items of one group, in no order. */
  group(key: string): readonly Item[] {
    const group = this.#groups.get(key);
    return group ? [...group.values()] : [];
  }

  groups(): IterableIterator<string> {
    return this.#groups.keys();
  }

  values(): IterableIterator<Item> {
    return this.#byUid.values();
  }

  /** Tells each change after it is made. What one listener throws concerns neither the store nor the others. */
  onChange(listener: (change: StoreChange<Item>) => void): void {
    this.#listeners.push(listener);
  }

  /** Where listeners' errors go; a store of its own rethrows them outside of any caller. */
  reportListenerErrors(report: (error: unknown) => void): void {
    this.#onListenerError = report;
  }

  put(item: Item): void {
    const namesake = this.named(item.namespace, item.name);
    if (namesake && namesake.uid !== item.uid) this.remove(namesake.uid);
    const previous = this.#byUid.get(item.uid);
    if (previous) this.#ungroup(previous);
    this.#byUid.set(item.uid, item);
    enter(this.#byName, item.namespace, { key: item.name, item });
    const group = this.#groupOf(item);
    if (group !== undefined) enter(this.#groups, group, { key: item.uid, item });
    this.#tell(previous ? { type: "updated", item, previous } : { type: "added", item });
  }

  remove(uid: string): void {
    const item = this.#byUid.get(uid);
    if (!item) return;
    this.#byUid.delete(uid);
    if (this.named(item.namespace, item.name)?.uid === uid) leave(this.#byName, item.namespace, item.name);
    this.#ungroup(item);
    this.#tell({ type: "deleted", item });
  }

  /** Makes the store hold exactly these items, telling what that changes and nothing else. */
  replace(items: readonly Item[]): void {
    const kept = new Set(items.map(({ uid }) => uid));
    for (const uid of this.#byUid.keys()) if (!kept.has(uid)) this.remove(uid);
    for (const item of items) if (!isDeepStrictEqual(this.#byUid.get(item.uid), item)) this.put(item);
  }

  #ungroup(item: Item): void {
    const group = this.#groupOf(item);
    if (group !== undefined) leave(this.#groups, group, item.uid);
  }

  #tell(change: StoreChange<Item>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function enter<Item>(
  index: Map<string, Map<string, Item>>,
  group: string,
  { key, item }: { readonly key: string; readonly item: Item },
): void {
  const members = index.get(group);
  if (members) members.set(key, item);
  else index.set(group, new Map([[key, item]]));
}

function leave<Item>(index: Map<string, Map<string, Item>>, group: string, key: string): void {
  const members = index.get(group);
  members?.delete(key);
  if (members?.size === 0) index.delete(group);
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

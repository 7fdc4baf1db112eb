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
  readonly #byName = new Map<string, Item>();
  readonly #groups = new Map<string, Map<string, Item>>();
  readonly #groupOf: GroupOf<Item>;
  readonly #listeners: ((change: StoreChange<Item>) => void)[] = [];

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
    return this.#byName.get(nameKey(namespace, name));
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

  /** Tells each change after it is made. A listener must not throw. */
  onChange(listener: (change: StoreChange<Item>) => void): void {
    this.#listeners.push(listener);
  }

  put(item: Item): void {
    const namesake = this.named(item.namespace, item.name);
    if (namesake && namesake.uid !== item.uid) this.remove(namesake.uid);
    const previous = this.#byUid.get(item.uid);
    if (previous) this.#ungroup(previous);
    this.#byUid.set(item.uid, item);
    this.#byName.set(nameKey(item.namespace, item.name), item);
    this.#regroup(item);
    this.#tell(previous ? { type: "updated", item, previous } : { type: "added", item });
  }

  remove(uid: string): void {
    const item = this.#byUid.get(uid);
    if (!item) return;
    this.#byUid.delete(uid);
    const key = nameKey(item.namespace, item.name);
    if (this.#byName.get(key)?.uid === uid) this.#byName.delete(key);
    this.#ungroup(item);
    this.#tell({ type: "deleted", item });
  }

  /** Makes the store hold exactly these items, telling what that changes. */
  replace(items: readonly Item[]): void {
    const kept = new Set(items.map(({ uid }) => uid));
    for (const uid of this.#byUid.keys()) if (!kept.has(uid)) this.remove(uid);
    for (const item of items) this.put(item);
  }

  #regroup(item: Item): void {
    const key = this.#groupOf(item);
    if (key === undefined) return;
    let group = this.#groups.get(key);
    if (!group) {
      group = new Map();
      this.#groups.set(key, group);
    }
    group.set(item.uid, item);
  }

  #ungroup(item: Item): void {
    const key = this.#groupOf(item);
    if (key === undefined) return;
    const group = this.#groups.get(key);
    group?.delete(item.uid);
    if (group?.size === 0) this.#groups.delete(key);
  }

  #tell(change: StoreChange<Item>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function nameKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

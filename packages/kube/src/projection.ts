import { Comparison } from "./audit.ts";
import type { Store, StoreItem } from "./store.ts";
import { type RawObject, uidOf } from "./watchEvent.ts";

/** What is told of a projection's trouble. */
export interface ProjectionReport {
  /** The object could not be read; what was read of it before stays. */
  unreadable(raw: RawObject, error: unknown): void;
  /** A listener of the store threw. */
  listenerFailed(error: unknown): void;
}

/** A whole collection, object by object. */
interface Collected {
  add(raw: RawObject): void;
  /** All were added: the store is equal to them now. */
  done(): void;
}

/** Follows one collection. */
export interface Follower {
  list(): Collected;
  change(raw: RawObject): void;
  remove(uid: string): void;
  /** Compares what is stored at this moment with the objects of a list. */
  compare(): Comparison<StoreItem>;
}

/** What one reader wants of a collection. */
export interface Projection {
  follow(report: ProjectionReport): Follower;
}

/**
 * Couples a store with how its objects are read.
 *
 * @param transform trims an object to what is used; undefined leaves it out.
 *   What it throws is told with the object's name, and concerns no other projection
 */
export function projection<Item extends StoreItem>(
  store: Store<Item>,
  transform: (raw: unknown) => Item | undefined,
): Projection {
  return {
    follow: (report) => {
      store.reportListenerErrors((error) => report.listenerFailed(error));
      return new StoreFollower(store, transform, report);
    },
  };
}

class StoreFollower<Item extends StoreItem> implements Follower {
  readonly #store: Store<Item>;
  readonly #transform: (raw: unknown) => Item | undefined;
  readonly #report: ProjectionReport;

  constructor(store: Store<Item>, transform: (raw: unknown) => Item | undefined, report: ProjectionReport) {
    this.#store = store;
    this.#transform = transform;
    this.#report = report;
  }

  list(): Collected {
    const items: Item[] = [];
    const add = (raw: RawObject): void => {
      const item = this.#read(raw);
      if (item) items.push(item);
    };
    return { add, done: () => this.#store.replace(items) };
  }

  change(raw: RawObject): void {
    const item = this.#read(raw);
    if (!item) this.#store.remove(uidOf(raw));
    else if (item !== this.#store.get(uidOf(raw))) this.#store.put(item);
  }

  remove(uid: string): void {
    this.#store.remove(uid);
  }

  compare(): Comparison<StoreItem> {
    return new Comparison<StoreItem>(this.#store.values(), this.#transform);
  }

  #read(raw: RawObject): Item | undefined {
    try {
      return this.#transform(raw);
    } catch (error) {
      this.#report.unreadable(raw, error);
      return this.#store.get(uidOf(raw));
    }
  }
}

import { isDeepStrictEqual } from "node:util";

import type { StoreItem } from "./store.ts";
import { type RawObject, uidOf } from "./watchEvent.ts";

/**
 * Compares items as they were at one version with the objects of a list of the
 * very same version, so that what changes meanwhile is no difference.
 */
export class Comparison<Item extends StoreItem> {
  readonly #items: ReadonlyMap<string, Item>;
  readonly #transform: (raw: unknown) => Item | undefined;
  #matching = 0;
  #different = 0;

  constructor(items: Iterable<Item>, transform: (raw: unknown) => Item | undefined) {
    this.#items = new Map([...items].map((item) => [item.uid, item]));
    this.#transform = transform;
  }

  see(raw: RawObject): void {
    const item = this.#readOrNull(raw);
    const known = this.#items.get(uidOf(raw));
    if (known === undefined ? item : item !== null && !isDeepStrictEqual(known, item)) this.#different += 1;
    if (known !== undefined) this.#matching += 1;
  }

  /** How many objects are missing, superfluous or other, once all were seen. */
  get divergence(): number {
    return this.#different + this.#items.size - this.#matching;
  }

  /** null: cannot be read, so nothing can be said about it. */
  #readOrNull(raw: RawObject): Item | undefined | null {
    try {
      return this.#transform(raw);
    } catch {
      return null;
    }
  }
}

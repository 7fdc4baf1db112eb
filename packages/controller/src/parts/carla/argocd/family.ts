import type { ApplicationState } from "./port.ts";

/** Which Application manages which, by key ("namespace/name"). */
export class Family {
  readonly #parents = new Map<string, string>();
  readonly #children = new Map<string, Set<string>>();

  put(key: string, { parent }: Pick<ApplicationState, "parent">): void {
    if (this.#parents.get(key) === (parent ?? undefined)) return;
    this.remove(key);
    if (parent === null) return;
    this.#parents.set(key, parent);
    const siblings = this.#children.get(parent) ?? new Set();
    this.#children.set(parent, siblings.add(key));
  }

  /** It is gone; those it managed may still be there. */
  remove(key: string): void {
    const parent = this.#parents.get(key);
    if (parent === undefined) return;
    this.#parents.delete(key);
    const siblings = this.#children.get(parent);
    siblings?.delete(key);
    if (siblings?.size === 0) this.#children.delete(parent);
  }

  /** Below it, at any depth, each once; sorted. */
  below(key: string): readonly string[] {
    const found = new Set<string>();
    const queue = [key];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const child of this.#children.get(next) ?? []) {
        if (child === key || found.has(child)) continue;
        found.add(child);
        queue.push(child);
      }
    }
    return [...found].toSorted();
  }
}

/** A binary heap: the least comes out first, by `isBefore`. */
export class Heap<Item> {
  readonly #items: Item[] = [];
  readonly #isBefore: (one: Item, other: Item) => boolean;

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const [top] = this.#items;
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return top;
  }

  #sink(item: Item): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const childAt = this.#lesserChild(at);
      const child = items[childAt];
      if (child === undefined || !this.#isBefore(child, item)) break;
      items[at] = child;
      at = childAt;
    }
    items[at] = item;
  }

  #lesserChild(at: number): number {
    const [leftAt, rightAt] = [2 * at + 1, 2 * at + 2];
    const [left, right] = [this.#items[leftAt], this.#items[rightAt]];
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? rightAt : leftAt;
  }
}

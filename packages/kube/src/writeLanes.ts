/** Keyed things in lanes of priority: the lowest lane first, and in it the one that came first. */
export class Lanes<Value> {
  readonly #lanes = new Map<number, Map<string, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** One already there keeps its place. */
  set(priority: number, key: string, value: Value): void {
    let lane = this.#lanes.get(priority);
    if (!lane) {
      lane = new Map();
      this.#lanes.set(priority, lane);
    }
    if (!lane.has(key)) this.#size += 1;
    lane.set(key, value);
  }

  delete(priority: number, key: string): void {
    const lane = this.#lanes.get(priority);
    if (!lane?.delete(key)) return;
    this.#size -= 1;
    if (lane.size === 0) this.#lanes.delete(priority);
  }

  first(): Value | undefined {
    if (this.#lanes.size === 0) return undefined;
    const lane = this.#lanes.get(Math.min(...this.#lanes.keys()));
    return lane?.values().next().value;
  }
}

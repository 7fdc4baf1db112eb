/** One priority's things, the one that came first at the beginning. */
interface Lane<Value> {
  readonly values: Map<string, Value>;
  /** Keys as they came, since a Map is not read from its end; those gone are left out when met. */
  keys: string[];
}

/** Gone keys are kept until they outnumber the others by this. */
const slackKeys = 64;

/** Keyed things in lanes of priority: the lowest lane first, and in it the one that came first. */
export class Lanes<Value> {
  readonly #lanes = new Map<number, Lane<Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The highest priority there is; -Infinity where nothing is. */
  get leastUrgent(): number {
    return Math.max(...this.#lanes.keys());
  }

  /** One already there keeps its place. */
  set(priority: number, key: string, value: Value): void {
    let lane = this.#lanes.get(priority);
    if (!lane) {
      lane = { values: new Map(), keys: [] };
      this.#lanes.set(priority, lane);
    }
    if (!lane.values.has(key)) this.#enter(lane, key);
    lane.values.set(key, value);
  }

  delete(priority: number, key: string): void {
    const lane = this.#lanes.get(priority);
    if (!lane?.values.delete(key)) return;
    this.#size -= 1;
    if (lane.values.size === 0) this.#lanes.delete(priority);
  }

  first(): Value | undefined {
    if (this.#lanes.size === 0) return undefined;
    const lane = this.#lanes.get(Math.min(...this.#lanes.keys()));
    return lane?.values.values().next().value;
  }

  /** The newest of the least urgent. */
  last(): Value | undefined {
    const lane = this.#lanes.get(this.leastUrgent);
    if (!lane) return undefined;
    while (!lane.values.has(lane.keys.at(-1) ?? "")) lane.keys.pop();
    return lane.values.get(lane.keys.at(-1) ?? "");
  }

  #enter(lane: Lane<Value>, key: string): void {
    this.#size += 1;
    if (lane.keys.length > 2 * lane.values.size + slackKeys) lane.keys = [...lane.values.keys()];
    lane.keys.push(key);
  }
}

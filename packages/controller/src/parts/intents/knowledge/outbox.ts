/** What waits to be written. */
interface Waiting<Item> {
  readonly item: Item;
  readonly bytes: number;
}

export interface OutboxBounds {
  readonly most: number;
  readonly mostBytes: number;
  /** So many are lost. */
  readonly onDropped: (count: number) => void;
}

/** Waits for somebody who may be away; where there is too much the oldest is lost. */
export class Outbox<Item> {
  readonly #bounds: OutboxBounds;
  #waiting: Waiting<Item>[] = [];
  #bytes = 0;

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#waiting.length;
  }

  push(item: Item, bytes: number): void {
    this.#waiting.push({ item, bytes });
    this.#bytes += bytes;
    this.#dropOldest();
  }

  /** Hands over the oldest, which are gone once that is done; where it fails they wait again. */
  async hand(most: number, over: (items: readonly Item[]) => Promise<void>): Promise<void> {
    const batch = this.#take(most);
    try {
      await over(batch.map(({ item }) => item));
    } catch (error) {
      this.#waiting = [...batch, ...this.#waiting];
      this.#bytes += bytesOf(batch);
      this.#dropOldest();
      throw error;
    }
  }

  #take(count: number): Waiting<Item>[] {
    const taken = this.#waiting.splice(0, count);
    this.#bytes -= bytesOf(taken);
    return taken;
  }

  #dropOldest(): void {
    const { most, mostBytes, onDropped } = this.#bounds;
    let [surplus, bytes] = [Math.max(0, this.#waiting.length - most), this.#bytes];
    for (const gone of this.#waiting.slice(0, surplus)) bytes -= gone.bytes;
    while (bytes > mostBytes) {
      bytes -= this.#waiting[surplus]?.bytes ?? bytes;
      surplus += 1;
    }
    if (surplus === 0) return;
    this.#take(surplus);
    onDropped(surplus);
  }
}

function bytesOf(waiting: readonly Waiting<unknown>[]): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A part of a node's room that a write still on its way has been promised. */
export interface Hold {
  /** The write did not happen: refused, dropped, or replaced before its turn. */
  giveBack(): void;
  /** The write was answered: the room stays taken until the view shows what was written. */
  until(isSeen: () => boolean): void;
}

interface Held {
  readonly taker: string;
  readonly amount: number;
}

interface Taker {
  readonly holds: Set<Held>;
  /** The largest of them. */
  amount: number;
}

/** What is taken of one node. */
interface Room {
  readonly takers: Map<string, Taker>;
  /** What all of them take together. */
  total: number;
  /** Holds whose writes were answered, and how to tell that they are seen. */
  readonly answered: Map<Held, () => boolean>;
}

/**
 * Room on nodes that writes on their way will take: taken when a write is
 * submitted, given back when it is answered (kueue's `assume`, undone on
 * failure). Without it each round would give the same room away again, as long
 * as the API server takes to answer. Amounts are of one unit, such as millicores.
 * The sum is kept, not made: a namespace is asked about for each of its pods.
 */
export class NodeRoom {
  readonly #nodes = new Map<string, Room>();

  /** @param taker whose write it is; of several of one taker the largest counts, since each is from the same start */
  take(node: string, taker: string, amount: number): Hold {
    const held: Held = { taker, amount };
    const room = this.#of(node);
    const entry = room.takers.get(taker) ?? { holds: new Set(), amount: 0 };
    room.takers.set(taker, entry);
    entry.holds.add(held);
    this.#weigh(room, entry);
    return {
      giveBack: () => this.#drop(node, held),
      until: (isSeen) => {
        const now = this.#nodes.get(node);
        if (now?.takers.get(taker)?.holds.has(held)) now.answered.set(held, isSeen);
      },
    };
  }

  /** What each taker still holds on the node. */
  held(node: string): ReadonlyMap<string, number> {
    this.#settle(node);
    const takers = this.#nodes.get(node)?.takers ?? [];
    return new Map([...takers].map(([taker, { amount }]) => [taker, amount]));
  }

  /** What everybody but `taker` holds on the node. */
  heldByOthers(node: string, taker: string): number {
    this.#settle(node);
    const room = this.#nodes.get(node);
    return room ? room.total - (room.takers.get(taker)?.amount ?? 0) : 0;
  }

  forget(node: string, taker: string): void {
    for (const held of this.#nodes.get(node)?.takers.get(taker)?.holds ?? []) this.#drop(node, held);
  }

  #of(node: string): Room {
    const room = this.#nodes.get(node) ?? { takers: new Map(), total: 0, answered: new Map() };
    this.#nodes.set(node, room);
    return room;
  }

  /** Gives back what the view shows by now. */
  #settle(node: string): void {
    for (const [held, isSeen] of this.#nodes.get(node)?.answered ?? []) if (isSeen()) this.#drop(node, held);
  }

  #drop(node: string, held: Held): void {
    const room = this.#nodes.get(node);
    const entry = room?.takers.get(held.taker);
    if (!room || !entry?.holds.delete(held)) return;
    room.answered.delete(held);
    this.#weigh(room, entry);
    if (entry.holds.size === 0) room.takers.delete(held.taker);
    if (room.takers.size === 0) this.#nodes.delete(node);
  }

  #weigh(room: Room, entry: Taker): void {
    let largest = 0;
    for (const { amount } of entry.holds) largest = Math.max(largest, amount);
    room.total += largest - entry.amount;
    entry.amount = largest;
  }
}

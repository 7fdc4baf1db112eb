/** Shapes that take the same room, as one item of a knapsack. */
export interface Item {
  readonly room: number;
  readonly value: number;
  /** Which shapes an item stands for, by their index, and for what part of it each. */
  readonly members: readonly { readonly index: number; readonly share: number }[];
}

/** The best filling of each room from 0 on. */
export interface Filled {
  readonly items: readonly Item[];
  readonly value: Float64Array;
  /** Which item goes in first; -1: one unit is left to the base. */
  readonly choice: Int16Array;
}

/**
 * The unbounded knapsack of every room up to `most`, where each unit that no item takes is worth `base`.
 *
 * @param items of integer room ≥ 1
 */
export function fill(items: readonly Item[], most: number, base: number): Filled {
  const value = new Float64Array(most + 1);
  const choice = new Int16Array(most + 1).fill(-1);
  for (let room = 1; room <= most; room += 1) {
    let best = value[room - 1]! + base;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index]!;
      if (item.room > room) continue;
      const with_ = item.value + value[room - item.room]!;
      if (with_ <= best) continue;
      best = with_;
      choice[room] = index;
    }
    value[room] = best;
  }
  return { items, value, choice };
}

/**
 * Counts what the best fillings consist of: adds to `use` by shape, and answers how many units were left to the base.
 *
 * @param demand how many of each room are filled; is used up
 */
export function spread({ items, choice }: Filled, demand: Float64Array, use: Float64Array): number {
  let left = 0;
  for (let room = demand.length - 1; room > 0; room -= 1) {
    const count = demand[room]!;
    if (count === 0) continue;
    const item = items[choice[room]!];
    demand[room - (item?.room ?? 1)]! += count;
    if (!item) left += count;
    else for (const { index, share } of item.members) use[index]! += count * share;
  }
  return left;
}

/** A shape as it goes into a knapsack. */
export interface Candidate {
  readonly index: number;
  readonly room: number;
  readonly value: number;
  readonly weight: number;
}

/**
 * One item for all candidates of the same room. Its value is their soft maximum τ·ln Σ wᵢ·exp(vᵢ/τ): who comes next is drawn, so
 * that the rarely seen one that is worth most does not count for all. With τ = 0 it is the maximum.
 */
export function itemsOf(candidates: readonly Candidate[], temperature: number): Item[] {
  const byRoom = Map.groupBy(candidates, ({ room }) => room);
  return [...byRoom].map(([room, group]) => itemOf(room, group, temperature)).filter(({ value }) => value > 0);
}

function itemOf(room: number, group: readonly Candidate[], temperature: number): Item {
  const most = group.reduce((best, candidate) => (candidate.value > best.value ? candidate : best));
  if (temperature === 0) return { room, value: most.value, members: [{ index: most.index, share: 1 }] };
  let weights = 0;
  let sum = 0;
  const parts = group.map(({ index, value, weight }) => {
    const part = weight * Math.exp((value - most.value) / temperature);
    weights += weight;
    sum += part;
    return { index, part };
  });
  const members = parts.map(({ index, part }) => ({ index, share: part / sum }));
  return { room, value: most.value + temperature * Math.log(sum / weights), members };
}

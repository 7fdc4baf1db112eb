/** Something that may be packed. Integers, so that sums are exact and ties are ties. */
export interface PackItem {
  readonly id: string;
  /** > 0 */
  readonly value: number;
  /** ≥ 0 */
  readonly weight: number;
}

export interface Packing {
  /** In the order of `byValue`. */
  readonly chosen: readonly PackItem[];
  /** false where the search was cut short and the best found so far is given. */
  readonly exact: boolean;
}

/** A set of items, as the last one and the rest: what it weighs and what it is worth. */
interface Pick {
  readonly weight: number;
  readonly value: number;
  readonly item: PackItem | null;
  readonly rest: Pick | null;
}

const nothing: Pick = { weight: 0, value: 0, item: null, rest: null };

/** More sets than this under consideration: time to stop being exact. */
const mostPicks = 400_000;

/** Most valuable first; equal ones lightest first, then by id. */
function byValue(one: PackItem, other: PackItem): number {
  return other.value - one.value || one.weight - other.weight || (one.id < other.id ? -1 : 1);
}

/**
 * The most valuable items that weigh at most `capacity` together and are at
 * most `most`: the 0/1 knapsack with a bound on the number. Exact, by the list
 * of undominated sets (Nemhauser and Ullmann, "Discrete Dynamic Programming
 * and Capital Allocation", 1969), one list for each number of items, cut by
 * upper bounds. The answer does not depend on the order of `items`.
 */
export function pack(items: readonly PackItem[], capacity: number, most: number): Packing {
  const fitting = items.filter(({ weight }) => weight <= capacity).toSorted(byValue);
  const number = Math.min(most, largestNumber(fitting, capacity));
  if (number <= 0) return { chosen: [], exact: true };
  if (number >= fitting.length) return { chosen: fitting, exact: true };
  const useful = withoutDominated(fitting, number);
  return new Search(useful, { capacity, number }).run();
}

/** How many of the lightest fit together. */
function largestNumber(items: readonly PackItem[], capacity: number): number {
  let left = capacity;
  let number = 0;
  for (const weight of items.map((item) => item.weight).toSorted((one, other) => one - other)) {
    left -= weight;
    if (left < 0) break;
    number += 1;
  }
  return number;
}

/**
 * Items of which `number` others are at least as good and no heavier can be
 * left out: one of those is free to take their place.
 */
function withoutDominated(items: readonly PackItem[], number: number): PackItem[] {
  const lightest: number[] = [];
  return items.filter(({ weight }) => {
    if (lightest.length >= number && (lightest.at(-1) ?? 0) <= weight) return false;
    const at = lightest.findIndex((other) => other > weight);
    lightest.splice(at < 0 ? lightest.length : at, 0, weight);
    if (lightest.length > number) lightest.pop();
    return true;
  });
}

interface Limits {
  readonly capacity: number;
  readonly number: number;
}

/** One search. Items are looked at in an order that makes the tighter bound exact. */
class Search {
  readonly #items: readonly PackItem[];
  readonly #limits: Limits;
  /** Of the items from each place on: greatest value, greatest value per weight. */
  readonly #bestValue: readonly number[];
  readonly #bestDensity: readonly number[];
  #best: Pick;

  constructor(items: readonly PackItem[], limits: Limits) {
    const byWorth = greedy(items, limits);
    const dense = items.toSorted((one, other) => density(other) - density(one) || byValue(one, other));
    const byDensity = greedy(dense, limits);
    const numberBinds = countOf(byWorth) >= limits.number && countOf(byDensity) >= limits.number;
    this.#items = numberBinds ? items : dense;
    this.#limits = limits;
    this.#best = byDensity.value > byWorth.value ? byDensity : byWorth;
    this.#bestValue = suffixMaxima(this.#items.map(({ value }) => value));
    this.#bestDensity = suffixMaxima(this.#items.map(density));
  }

  run(): Packing {
    const lists: Pick[][] = [[nothing], ...Array.from({ length: this.#limits.number }, () => [])];
    let exact = true;
    for (const [index, item] of this.#items.entries()) {
      this.#extend(lists, item, index + 1);
      exact = sum(lists.map(({ length }) => length)) <= mostPicks;
      if (!exact) break;
    }
    return { chosen: itemsOf(this.#best).toSorted(byValue), exact };
  }

  /** Each set with and without the item; from the largest sets down, so that none gets it twice. */
  #extend(lists: Pick[][], item: PackItem, next: number): void {
    const { capacity, number } = this.#limits;
    for (let count = number - 1; count >= 0; count -= 1) {
      const without = lists[count] ?? [];
      const grown: Pick[] = [];
      for (const pick of without) {
        const weight = pick.weight + item.weight;
        if (weight > capacity) break;
        grown.push({ weight, value: pick.value + item.value, item, rest: pick });
      }
      for (const pick of grown) if (pick.value > this.#best.value) this.#best = pick;
      lists[count + 1] = this.#worthwhile(undominated(lists[count + 1] ?? [], grown), { count: count + 1, next });
      lists[count] = this.#worthwhile(without, { count, next });
    }
  }

  /** Sets that could still become better than the best. */
  #worthwhile(picks: Pick[], at: { readonly count: number; readonly next: number }): Pick[] {
    const { capacity, number } = this.#limits;
    const value = this.#bestValue[at.next] ?? 0;
    const dense = this.#bestDensity[at.next] ?? 0;
    const byNumber = (number - at.count) * value;
    // A weightless item fits also where nothing is left, so no capacity bounds it.
    const byWeight = (left: number): number => (dense === weightless ? Infinity : left * dense);
    return picks.filter((pick) => pick.value + Math.min(byNumber, byWeight(capacity - pick.weight)) > this.#best.value);
  }
}

/** Weightless items are as dense as can be; finite, so that two of them compare as equal. */
const weightless = Number.MAX_VALUE;

function density({ value, weight }: PackItem): number {
  return weight === 0 ? weightless : value / weight;
}

function greedy(items: readonly PackItem[], { capacity, number }: Limits): Pick {
  let pick = nothing;
  let count = 0;
  for (const item of items) {
    if (count >= number || pick.weight + item.weight > capacity) continue;
    pick = { weight: pick.weight + item.weight, value: pick.value + item.value, item, rest: pick };
    count += 1;
  }
  return pick;
}

/** Two lists by weight, merged; what weighs more and is worth no more is left out. */
function undominated(one: readonly Pick[], other: readonly Pick[]): Pick[] {
  const merged: Pick[] = [];
  let best = -1;
  for (let i = 0, j = 0; i < one.length || j < other.length;) {
    const left = one[i];
    const right = other[j];
    const takeLeft = right === undefined || (left !== undefined && lighter(left, right));
    const pick = takeLeft ? left : right;
    if (takeLeft) i += 1;
    else j += 1;
    if (pick === undefined || pick.value <= best) continue;
    merged.push(pick);
    best = pick.value;
  }
  return merged;
}

function lighter(one: Pick, other: Pick): boolean {
  return one.weight < other.weight || (one.weight === other.weight && one.value >= other.value);
}

function suffixMaxima(values: readonly number[]): number[] {
  const maxima = Array.from<number>({ length: values.length + 1 }).fill(0);
  for (let index = values.length - 1; index >= 0; index -= 1) {
    maxima[index] = Math.max(maxima[index + 1] ?? 0, values[index] ?? 0);
  }
  return maxima;
}

function itemsOf(pick: Pick): PackItem[] {
  const items: PackItem[] = [];
  for (let at: Pick | null = pick; at !== null; at = at.rest) if (at.item) items.push(at.item);
  return items;
}

function countOf(pick: Pick): number {
  return itemsOf(pick).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

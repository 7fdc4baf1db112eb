/**
 * The step of every allocation: the systemd cgroup driver rounds quotas up to
 * 10 ms a second, so finer steps would not arrive (kubernetes issue 129357).
 */
export const granuleMilli = 10;

/** The least whole number of granules that is not less. */
export function roundedUp(milli: number): number {
  return Math.ceil(milli / granuleMilli - epsilon) * granuleMilli;
}

/** What rounding looks at: parallel arrays, the first `count` entries. */
export interface Exact {
  readonly count: number;
  readonly exactMilli: Float64Array;
  readonly floorMilli: Float64Array;
  readonly capMilli: Float64Array;
}

/** A sum of doubles may miss a whole granule by its last bits. */
const epsilon = 1e-9;
/** Remainders are told apart this finely; closer ones are ties. */
const remainderSteps = 64;
/** Ranks: 0 may not be raised, then by remainder, then the same for broken floors. */
const ranks = 2 * remainderSteps + 2;

/** Scratch memory: filled and read within one call. */
const perRank = new Uint32Array(ranks);
let rankOf = new Uint8Array(64);

/**
 * Rounds to whole granules, each within one granule of its exact value, the
 * sum at most the capacity. All are rounded down; then those whose floor this
 * breaks are rounded up, then the largest remainders, ties by position, never
 * above a cap. Linear: ranks are counted, not sorted.
 *
 * @returns millicores, multiples of `granuleMilli`
 */
export function roundToGranules(capacityMilli: number, market: Exact): Int32Array {
  const { count } = market;
  const rounded = new Int32Array(count);
  if (rankOf.length < count) rankOf = new Uint8Array(count * 2);
  perRank.fill(0);
  let used = 0;
  for (let i = 0; i < count; i += 1) {
    const down = Math.floor(market.exactMilli[i]! / granuleMilli + epsilon) * granuleMilli;
    rounded[i] = down;
    used += down;
    const rank = rankAt(market, i, down);
    rankOf[i] = rank;
    perRank[rank] = perRank[rank]! + 1;
  }
  const spare = Math.floor((capacityMilli - used) / granuleMilli + epsilon);
  if (spare > 0) raise(rounded, spare);
  return rounded;
}

function rankAt(market: Exact, i: number, down: number): number {
  const remainder = market.exactMilli[i]! - down;
  if (remainder <= epsilon * granuleMilli || down + granuleMilli > market.capMilli[i]! + epsilon) return 0;
  const step = 1 + Math.min(remainderSteps - 1, Math.floor((remainder / granuleMilli) * remainderSteps));
  return down < market.floorMilli[i]! ? step + remainderSteps : step;
}

/** Gives one granule to each of the highest ranks, as far as `spare` goes. */
function raise(rounded: Int32Array, spare: number): void {
  let left = spare;
  let lowest = ranks - 1;
  while (lowest > 0 && perRank[lowest]! <= left) {
    left -= perRank[lowest]!;
    lowest -= 1;
  }
  for (let i = 0; i < rounded.length; i += 1) {
    const rank = rankOf[i]!;
    if (rank === 0 || rank < lowest) continue;
    if (rank === lowest) {
      if (left === 0) continue;
      left -= 1;
    }
    rounded[i] = rounded[i]! + granuleMilli;
  }
}

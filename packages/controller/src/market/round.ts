/**
 * The step of every allocation: the systemd cgroup driver rounds quotas up to
 * 10 ms a second, so finer steps would not arrive (kubernetes issue 129357).
 */
export const granuleMilli = 10;

/** What rounding looks at: parallel arrays, the first `count` entries. */
export interface Exact {
  readonly count: number;
  readonly exactMilli: Float64Array;
  readonly floorMilli: Float64Array;
  readonly capMilli: Float64Array;
}

/**
 * Rounds to whole granules, each within one granule of its exact value, the
 * sum at most the capacity. Those whose floor rounding down would break are
 * rounded up first, then the largest remainders; never above a cap.
 *
 * @returns millicores, multiples of `granuleMilli`
 */
export function roundToGranules(capacityMilli: number, market: Exact): number[] {
  const rounded: number[] = [];
  let used = 0;
  for (let i = 0; i < market.count; i += 1) {
    const down = Math.floor(market.exactMilli[i]! / granuleMilli + epsilon) * granuleMilli;
    rounded.push(down);
    used += down;
  }
  let spare = Math.floor((capacityMilli - used) / granuleMilli + epsilon);
  if (spare <= 0) return rounded;
  for (const i of raisable(market, rounded)) {
    if (spare === 0) break;
    rounded[i] = rounded[i]! + granuleMilli;
    spare -= 1;
  }
  return rounded;
}

/** A sum of doubles may miss a whole granule by its last bits. */
const epsilon = 1e-9;

/** Indices that may be rounded up, most deserving first; ties by position. */
function raisable(market: Exact, rounded: readonly number[]): number[] {
  const { exactMilli, floorMilli, capMilli } = market;
  const open: number[] = [];
  for (let i = 0; i < market.count; i += 1) {
    const remainder = exactMilli[i]! - rounded[i]!;
    if (remainder > epsilon * granuleMilli && rounded[i]! + granuleMilli <= capMilli[i]! + epsilon) open.push(i);
  }
  const broken = (i: number): number => (rounded[i]! < floorMilli[i]! ? 1 : 0);
  return open.toSorted(
    (a, b) => broken(b) - broken(a) || exactMilli[b]! - rounded[b]! - (exactMilli[a]! - rounded[a]!) || a - b,
  );
}

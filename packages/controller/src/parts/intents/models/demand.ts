import { solve } from "./linear.ts";
import { medianOf } from "./median.ts";

/** A load that was measured. */
export interface SeenLoad {
  readonly atMs: number;
  readonly load: number;
}

/** Loads at even distances, oldest first. */
interface LoadSeries {
  readonly stepMs: number;
  readonly loads: readonly number[];
  readonly atMs: readonly number[];
  /** Of the loads before each, and of all. */
  readonly sums: readonly number[];
}

/** Steps back that a forecast looks at one by one; and those whose mean it may come back to. */
const lags = 4;
const longTerm = 40;
/** The newest so many rows are learnt from; with fewer than the least nothing is. */
const mostRows = 240;
const leastRows = 30;

/** As many loads as a forecast looks at. */
export const mostLoads = mostRows + longTerm;

/**
 * The loads that were seen, without those between two rounds.
 *
 * @returns null where there are too few to tell how far apart they are
 */
export function seriesOf(seen: readonly SeenLoad[]): LoadSeries | null {
  const gaps = seen.slice(1).map(({ atMs }, index) => atMs - (seen[index]?.atMs ?? 0));
  const stepMs = medianOf(gaps);
  if (stepMs <= 0) return null;
  const kept: SeenLoad[] = [];
  for (const one of seen) if (one.atMs - (kept.at(-1)?.atMs ?? -Infinity) >= stepMs / 2) kept.push(one);
  const sums = [0];
  for (const { load } of kept) sums.push((sums.at(-1) ?? 0) + load);
  return { stepMs, loads: kept.map(({ load }) => load), atMs: kept.map(({ atMs }) => atMs), sums };
}

/** From one number of steps from the last to another. */
type Steps = readonly [number, number];

/**
 * The mean loads to expect, by what has become of loads like it before: a
 * regression of the change on the last changes and on the distance to the mean
 * (Box and Jenkins, Time Series Analysis, 1970, III). One row more says that
 * nothing changes, and what has never changed so much is not said to.
 *
 * @returns null: too little was seen
 */
export function expectedLoads<Horizons extends readonly Steps[]>(
  series: LoadSeries,
  horizons: Horizons,
): { readonly [Key in keyof Horizons]: number } | null;
export function expectedLoads(series: LoadSeries, horizons: readonly Steps[]): readonly number[] | null {
  const last = series.loads.length - 1;
  const features = featuresAt(series, last, last);
  const regressions = horizons.map(() => new Regression());
  const rows = learn(series, horizons, regressions);
  if (rows < leastRows || features === null) return null;
  const changes = regressions.map((regression) => regression.at(features));
  if (changes.includes(null)) return null;
  return changes.map((change) => (series.loads[last] ?? 0) * (1 + (change ?? 0)));
}

/** @returns how many rows there were */
function learn(series: LoadSeries, horizons: readonly Steps[], regressions: readonly Regression[]): number {
  const { loads } = series;
  const furthest = Math.max(...horizons.map(([, to]) => to));
  let rows = 0;
  for (let at = Math.max(0, loads.length - mostRows - furthest); at + furthest < loads.length; at += 1) {
    const features = featuresAt(series, at, at + furthest);
    if (features === null) continue;
    rows += 1;
    for (const [index, [from, to]] of horizons.entries())
      regressions[index]?.add(features, meanOf(series, at + from, at + to) / (loads[at] ?? 0) - 1);
  }
  return rows;
}

/** Parts of the load there is. null: there are too few before, or there is a gap until `end`. */
function featuresAt({ loads, atMs, stepMs, sums }: LoadSeries, at: number, end: number): readonly number[] | null {
  const first = at - lags + 1;
  const now = loads[at] ?? 0;
  const lasted = (atMs[end] ?? 0) - (atMs[first] ?? -Infinity);
  if (now <= 0 || Math.abs(lasted - (end - first) * stepMs) > stepMs) return null;
  const features = [1, meanOf({ sums }, Math.max(0, at - longTerm + 1), at) / now - 1];
  for (let back = at; back > first; back -= 1) features.push(((loads[back] ?? 0) - (loads[back - 1] ?? 0)) / now);
  return features;
}

function meanOf({ sums }: Pick<LoadSeries, "sums">, first: number, last: number): number {
  return ((sums[last + 1] ?? NaN) - (sums[first] ?? NaN)) / (last - first + 1);
}

/** Least squares, with a row more for each feature in which it has its usual size and nothing changes. */
class Regression {
  readonly #matrix = Array.from({ length: lags + 1 }, () => Array.from<number>({ length: lags + 1 }).fill(0));
  readonly #right = Array.from<number>({ length: lags + 1 }).fill(0);
  #rows = 0;
  #least = Infinity;
  #most = -Infinity;

  add(features: readonly number[], change: number): void {
    for (let row = 0; row <= lags; row += 1) {
      const one = features[row] ?? 0;
      const into = this.#matrix[row] ?? [];
      for (let column = 0; column <= lags; column += 1)
        into[column] = (into[column] ?? 0) + one * (features[column] ?? 0);
      this.#right[row] = (this.#right[row] ?? 0) + one * change;
    }
    this.#rows += 1;
    this.#least = Math.min(this.#least, change);
    this.#most = Math.max(this.#most, change);
  }

  /** The change to expect, no greater than any that was seen. */
  at(features: readonly number[]): number | null {
    const weights = solve(
      this.#matrix.map((row, index) => row.with(index, (row[index] ?? 0) * (1 + 1 / this.#rows) + 1e-12)),
      this.#right,
    );
    const change = weights?.reduce((sum, weight, index) => sum + weight * (features[index] ?? 0), 0);
    return change === undefined ? null : Math.min(this.#most, Math.max(this.#least, change));
  }
}

/** A normal distribution's standard deviation by its median absolute deviation. */
export const perMedian = 1.4826;

/** Of an even number of values the upper of the two in the middle; of none 0. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

import { type Curve, type Fit, fitCurve } from "./levenbergMarquardt.ts";
import { medianOf, perMedian } from "./median.ts";

/** A fit without those points that are too far from it. */
export interface RobustFit extends Fit {
  /** Points that were left out. */
  readonly outliers: number;
  readonly points: number;
}

/** As many standard deviations from the curve are an outlier, where the deviation is told by the median. */
const farAway = 3;
/** What the prototype takes for outliers, at most. */
const mostOutliers = 0.2;

/** The best of several starts, fitted again without outliers. */
export function fitRobustly(curve: Omit<Curve, "start">, starts: readonly (readonly number[])[]): RobustFit {
  const first = bestOf(curve, starts);
  const kept = inliersOf(curve, first);
  const rest = {
    ...curve,
    seen: kept.map((point) => curve.seen[point] ?? NaN),
    at: (parameters: readonly number[], index: number) => curve.at(parameters, kept[index] ?? 0),
  };
  const outliers = curve.seen.length - kept.length;
  const fit = outliers === 0 ? first : bestOf(rest, [first.parameters, ...starts]);
  return { ...fit, outliers, points: kept.length };
}

function bestOf(curve: Omit<Curve, "start">, starts: readonly (readonly number[])[]): Fit {
  const fits = starts.map((start) => fitCurve({ ...curve, start }));
  const [best] = fits.toSorted((one, other) => one.squares - other.squares);
  if (best === undefined) throw new Error("a curve is fitted from nowhere");
  return best;
}

function inliersOf({ seen, at }: Omit<Curve, "start">, { parameters }: Fit): number[] {
  const distances = seen.map((value, point) => Math.abs(value - at(parameters, point)));
  const bound = farAway * perMedian * medianOf(distances);
  const byDistance = [...distances.keys()].toSorted((one, other) => (distances[other] ?? 0) - (distances[one] ?? 0));
  const far = byDistance.filter((point) => bound > 0 && (distances[point] ?? 0) > bound);
  const leftOut = new Set(far.slice(0, Math.floor(seen.length * mostOutliers)));
  return [...seen.keys()].filter((point) => !leftOut.has(point));
}

import { inverseDiagonal, solve } from "./linear.ts";

/** A curve to fit. The points are the caller's; the curve knows them by their index. */
export interface Curve {
  /** What was seen at each point. */
  readonly seen: readonly number[];
  /** The curve at one point. */
  readonly at: (parameters: readonly number[], point: number) => number;
  readonly start: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
}

export interface Fit {
  readonly parameters: readonly number[];
  /** Sum of squared residuals. */
  readonly squares: number;
  /** Standard deviation of what was seen around the curve. */
  readonly deviation: number;
  /** Of each parameter; null where the points do not tell it. */
  readonly standardErrors: readonly number[] | null;
}

const mostRounds = 200;
/** A round that gains less than this part is the last. */
const leastGain = 1e-12;
const firstDamping = 1e-3;
const mostDamping = 1e12;

/**
 * Least squares by Levenberg and Marquardt (Marquardt 1963), within bounds: a
 * step that leaves them ends at them.
 */
export function fitCurve(curve: Curve): Fit {
  let parameters = within(curve.start, curve);
  let squares = squaresOf(curve, parameters);
  let damping = firstDamping;
  for (let round = 0; round < mostRounds && damping < mostDamping; round += 1) {
    const next = stepFrom(curve, parameters, damping);
    const nextSquares = next === null ? Infinity : squaresOf(curve, next);
    if (next === null || !(nextSquares < squares)) {
      damping *= 10;
      continue;
    }
    const isLast = squares - nextSquares <= leastGain * squares;
    parameters = next;
    squares = nextSquares;
    damping /= 10;
    if (isLast) break;
  }
  return { parameters, squares, ...confidenceOf(curve, parameters, squares) };
}

function within(parameters: readonly number[], { least, most }: Curve): number[] {
  return parameters.map((value, index) =>
    Math.min(most[index] ?? Infinity, Math.max(least[index] ?? -Infinity, value)),
  );
}

function squaresOf({ seen, at }: Curve, parameters: readonly number[]): number {
  return seen.reduce((sum, value, point) => sum + (value - at(parameters, point)) ** 2, 0);
}

/** Gauss and Newton's normal equations: JᵀJ and Jᵀr. */
function normal(
  curve: Curve,
  parameters: readonly number[],
): { readonly matrix: number[][]; readonly right: number[] } {
  const size = parameters.length;
  const matrix = Array.from({ length: size }, () => Array.from<number>({ length: size }).fill(0));
  const right = Array.from<number>({ length: size }).fill(0);
  for (const [point, value] of curve.seen.entries()) {
    const slopes = slopesAt(curve, parameters, point);
    const residual = value - curve.at(parameters, point);
    for (const [row, slope] of slopes.entries()) {
      right[row] = (right[row] ?? 0) + slope * residual;
      for (const [column, other] of slopes.entries())
        (matrix[row] ?? [])[column] = (matrix[row]?.[column] ?? 0) + slope * other;
    }
  }
  return { matrix, right };
}

/** Central differences. */
function slopesAt({ at }: Curve, parameters: readonly number[], point: number): number[] {
  return parameters.map((value, index) => {
    const width = Math.max(1e-7, Math.abs(value) * 1e-6);
    return (
      (at(parameters.with(index, value + width), point) - at(parameters.with(index, value - width), point)) /
      (2 * width)
    );
  });
}

function stepFrom(curve: Curve, parameters: readonly number[], damping: number): number[] | null {
  const { matrix, right } = normal(curve, parameters);
  const damped = matrix.map((row, index) => row.with(index, (row[index] ?? 0) * (1 + damping) + 1e-12));
  const step = solve(damped, right);
  if (step === null || step.some((value) => !Number.isFinite(value))) return null;
  return within(
    parameters.map((value, index) => value + (step[index] ?? 0)),
    curve,
  );
}

/** As for linear least squares at the solution. */
function confidenceOf(
  curve: Curve,
  parameters: readonly number[],
  squares: number,
): Pick<Fit, "deviation" | "standardErrors"> {
  const freedom = Math.max(1, curve.seen.length - parameters.length);
  const variance = squares / freedom;
  const diagonal = inverseDiagonal(normal(curve, parameters).matrix);
  const errors = diagonal?.map((one) => Math.sqrt(Math.max(0, one) * variance)) ?? null;
  return { deviation: Math.sqrt(variance), standardErrors: errors?.every(Number.isFinite) === true ? errors : null };
}

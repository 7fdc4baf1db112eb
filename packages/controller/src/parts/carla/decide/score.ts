import type { AppPolicy, Weights } from "../config/policy.ts";
import type { Score } from "./decision.ts";

const hourMs = 3_600_000;

/** What the score depends on, beside the policy. */
export interface ScoreInput {
  readonly app: Pick<AppPolicy, "r" | "depth" | "windowFit">;
  readonly risk: number;
  /** The application's own calendar allows it now. */
  readonly open: boolean;
  readonly waitedMs: number;
}

/**
 * s = α/(d+1) + β/max(r, 1e-6) − γ·risk + δ·w + ε·waited, the prototype's score
 * and one term more: what waits grows, so that nothing waits for ever. w is 1
 * inside the window, or what the application says it is there.
 */
export function scoreOf({ app, risk, open, waitedMs }: ScoreInput, weights: Weights): Score {
  const depth = weights.alphaDepth / (app.depth + 1);
  const inverseResource = weights.betaInverseResource / Math.max(app.r, 1e-6);
  const window = open ? weights.deltaWindow * (app.windowFit ?? 1) : 0;
  const wait = (weights.waitPerHour * Math.max(0, waitedMs)) / hourMs;
  const terms = { depth, inverseResource, risk: -weights.gammaRisk * risk, window, wait };
  return { ...terms, total: depth + inverseResource + terms.risk + window + wait };
}

/** Scores are told apart to the fourth decimal. */
const scale = 10_000;
/** Below every difference of two positive scores lie all that are not positive. */
const step = 10_000;

/**
 * The score as a positive integer, for packing. The prototype never picked a
 * score of 0 or less, so that a high-risk application could wait for ever; here
 * these are worth a little, the more the better their score, and never as much
 * as the least difference between two others.
 */
export function worth({ total }: Score): number {
  const positive = Math.round(Math.min(total, 1e5) * scale);
  if (positive > 0) return positive * step;
  return Math.max(1, 100 + Math.round(Math.max(total, -10) * 9));
}

/** r as an integer; rounded up, so that no sum of weights hides an excess. */
export function weightOf(r: number): number {
  return Math.ceil(r * 1000 - 1e-6);
}

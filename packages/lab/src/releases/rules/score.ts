import type { AppPolicy, Weights } from "@walras/controller/carla";

/** The prototype's score: α/(d+1) + β/max(r, 1e-6) − γ·risk + δ·w, w being 1 inside the window and 0 outside. */
export function prototypeScore({ depth, r, risk }: AppPolicy, weights: Weights, inWindow: boolean): number {
  const { alphaDepth, betaInverseResource, gammaRisk, deltaWindow } = weights;
  return (
    alphaDepth / (depth + 1) + betaInverseResource / Math.max(r, 1e-6) - gammaRisk * risk + (inWindow ? deltaWindow : 0)
  );
}

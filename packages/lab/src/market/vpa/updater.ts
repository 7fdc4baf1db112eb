import type { Recommendation } from "./recommender.ts";

const inBoundsAfterMs = 12 * 3_600_000;
const significantChange = 0.1;

/**
 * Whether VPA's updater touches a pod: at once where its request is out of bounds, otherwise when it has run for
 * 12 h and the target is 10 % away. Its eviction tolerance never binds where a workload has one pod.
 */
export function isUpdated(requestMilli: number, ranMs: number, recommendation: Recommendation): boolean {
  const { lowerMilli, targetMilli, upperMilli } = recommendation;
  if (requestMilli < lowerMilli || requestMilli > upperMilli) return true;
  if (ranMs < inBoundsAfterMs) return false;
  return Math.abs(targetMilli - requestMilli) / requestMilli >= significantChange;
}

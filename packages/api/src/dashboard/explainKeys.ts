import { summaryStrip } from "./summary.ts";
import { nodePod, dashboardNode } from "./node.ts";
import { podGhost, podPoints } from "./pod.ts";

/** Keys of `/api/explain/{key}`: where a number is, and its name there. */
export const explainKeys = [
  ...under("strip", summaryStrip.shape),
  "cell.price",
  "cell.used",
  ...under("node", dashboardNode.shape, ["capacityMilli", "othersMilli", "price", "requestPrice", "scarceSinceMs"]),
  ...under("nodePod", nodePod.shape, [
    "wantsMilli",
    "guaranteedMilli",
    "rationMilli",
    "usedMilli",
    "throttledMilli",
    "weight",
    "pays",
    "creditSeconds",
  ]),
  ...under("pod", podPoints.shape, ["used", "throttled", "limit", "request"]),
  ...under("ghost", podGhost.shape, ["throttledSeconds", "actualThrottledSeconds", "declaredLimitMilli"]),
  "release.score",
  "release.headroom",
  "slots.allowed",
  "slots.threshold",
  "gpu.drift",
  "intent.cost",
] as const;

function under<Shape extends object>(
  place: string,
  shape: Shape,
  names: readonly (keyof Shape & string)[] = Object.keys(shape) as (keyof Shape & string)[],
): string[] {
  return names.map((name) => `${place}.${name}`);
}

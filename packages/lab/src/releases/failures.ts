import type { Change } from "@walras/controller/carla";
import type { Rng } from "@walras/kit";

import { pick, standardNormal } from "./draws.ts";

/**
 * How a release ends. syncFails: nothing was changed. degraded: synced, and
 * what runs now is broken until somebody repairs it. stuck: its operation
 * never ends, until it is given up.
 */
export type Ending = "succeeds" | "syncFails" | "degraded" | "stuck";

/** What a release meets. */
export interface Circumstances {
  /** Configured, and what the change adds; a share of failures grows with it. */
  readonly risk: number;
  /** The cluster is above a watermark. */
  readonly overloaded: boolean;
  /** What it depends on is not healthy, or being released. */
  readonly brokenDependency: boolean;
  readonly timeoutMs: number;
}

/** What becomes of a release. Durations in milliseconds from its start. */
export interface Fate {
  readonly ending: Ending;
  /** Until Argo CD's operation is over. */
  readonly operationMs: number;
  /** Until the cluster has nothing more to do for it. */
  readonly durationMs: number;
}

/** Rollouts of MetalLB by Argo CD, n = 163: 21.8 s on average, deviation 5.52 s; the prototype's runner clips at these bounds. */
const meanMs = 21_800;
const deviationMs = 5_520;
const shortestMs = 5_000;
const longestMs = 90_000;
/** Manifests are applied in the first quarter (5.5 s of 21.6 s in the same data). */
const operationShare = 0.25;
/** A full cluster is slow to place pods. */
const overloadStretch = 2;
const failureBase = 0.02;
const failurePerRisk = 0.05;
const failureOverloaded = 0.35;

/** Always draws as many numbers, so that what differs is the circumstances alone. */
export function fateOf({ risk, overloaded, brokenDependency, timeoutMs }: Circumstances, rng: Rng): Fate {
  const typicalMs = Math.min(longestMs, Math.max(shortestMs, meanMs + deviationMs * standardNormal(rng)));
  const durationMs = Math.round(typicalMs * (overloaded ? overloadStretch : 1));
  const operationMs = Math.round(durationMs * operationShare);
  const likelihood = failureBase + failurePerRisk * risk + (overloaded ? failureOverloaded : 0);
  const fails = rng() < likelihood || brokenDependency;
  const failure = pick<Ending>(rng, [
    ["syncFails", 0.5],
    ["degraded", 0.3],
    ["stuck", overloaded ? 0.6 : 0.2],
  ]);
  if (!fails) return { ending: "succeeds", operationMs, durationMs };
  if (failure === "syncFails") return { ending: failure, operationMs, durationMs: operationMs };
  if (failure === "degraded") return { ending: failure, operationMs, durationMs };
  return { ending: failure, operationMs: timeoutMs, durationMs: timeoutMs };
}

/** Kinds on which more depends than the application itself. */
export const sensitiveKinds: readonly string[] = ["ClusterRole", "CustomResourceDefinition", "StatefulSet"];
const sensitiveRisk = 0.5;
const largeRisk = 0.5;
const largeFields = 200;

/** The truth that a rule's estimate is about: what is configured, and more for large and for sensitive changes. */
export function riskOf(configured: number, { changedFields, kinds }: Change): number {
  const large = largeRisk * Math.min(1, changedFields / largeFields);
  const sensitive = kinds.some((kind) => sensitiveKinds.includes(kind)) ? sensitiveRisk : 0;
  return configured + large + sensitive;
}

/** What of a ScaledJob's specification decides how many Jobs KEDA makes of a value. */
export interface Scaling {
  /** Most unfinished Jobs at any time. */
  readonly maxReplicas: number;
  /** Unfinished Jobs that KEDA makes whatever it is told. */
  readonly minReplicas: number;
  readonly strategy: "default" | "custom" | "accurate" | "eager";
  /** `custom` only: taken from the value. */
  readonly deduction: number;
  /** `custom` only: the share of those that run, which is taken from the value as well. */
  readonly runningShare: number;
  /** How KEDA puts the values of several triggers together. */
  readonly combined: "max" | "min" | "avg" | "sum";
  /** A Job is pending until a pod of it has all of these; none: until a pod of it runs. */
  readonly pendingConditions: readonly string[];
}

/** A ScaledJob's Jobs as KEDA counts them. */
export interface KedaCounts {
  /** Not finished, suspended ones included. */
  readonly running: number;
  /** Those of them that KEDA takes for pending. */
  readonly pending: number;
}

/**
 * Between what KEDA's counts are when it makes Jobs of a value: it asks first
 * and counts then, from watches of its own.
 */
export interface KedaCountsRange {
  readonly least: KedaCounts;
  readonly most: KedaCounts;
}

/** KEDA's own defaults. */
export const defaultScaling: Scaling = {
  maxReplicas: 100,
  minReplicas: 0,
  strategy: "default",
  deduction: 0,
  runningShare: 0,
  combined: "max",
  pendingConditions: [],
};

/** The most that KEDA lets a value be: minReplicaCount is taken from maxReplicaCount, unless it is more. */
function ceilingOf({ maxReplicas, minReplicas }: Scaling): number {
  return minReplicas > maxReplicas ? maxReplicas : maxReplicas - minReplicas;
}

/**
 * The most Jobs that KEDA would make in one poll, whatever it is told. None
 * below minReplicaCount: what it then makes, it makes unasked.
 *
 * @param counts the most that it may count
 */
export function mostNew(scaling: Scaling, counts: KedaCounts): number {
  if (counts.running < scaling.minReplicas) return 0;
  // Its strategies other than the default may go beyond maxReplicaCount; users mean that to hold.
  const room = Math.min(scaling.maxReplicas - counts.running, ceilingOf(scaling) - takenAtMost(scaling, counts));
  return Math.max(0, room);
}

/** What each strategy takes from the highest value. */
function takenAtMost(scaling: Scaling, { running, pending }: KedaCounts): number {
  const others = running - scaling.minReplicas;
  if (scaling.strategy === "accurate") return Math.max(others, pending);
  if (scaling.strategy === "eager") return others + pending;
  return scaling.strategy === "custom" ? Math.max(0, deducted(scaling, others)) : others;
}

/**
 * The value of which KEDA makes exactly `jobs` Jobs, at most `mostNew` of them:
 * its strategies turned round (keda/pkg/scaling/scaledjob/metrics.go and
 * pkg/scaling/executor/scale_jobs.go).
 *
 * @param counts the least that it may count: where it counts more it makes fewer, and the others when it asks next
 */
export function valueFor(scaling: Scaling, { running, pending }: KedaCounts, jobs: number): number {
  if (jobs <= 0) return 0;
  const others = Math.max(0, running - scaling.minReplicas);
  if (scaling.strategy === "accurate") return jobs + pending;
  if (scaling.strategy === "eager") return jobs;
  // KEDA makes no more than the value, also where what it takes from that is negative.
  return scaling.strategy === "custom" ? jobs + Math.max(0, deducted(scaling, others)) : jobs + others;
}

function deducted({ deduction, runningShare }: Scaling, others: number): number {
  return deduction + Math.trunc(others * runningShare);
}

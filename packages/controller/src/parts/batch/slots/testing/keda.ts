import type { KedaCounts, Scaling } from "../../decide/scaling.ts";

/** What one trigger of a ScaledJob has told in a poll. */
export interface TriggerTold {
  /** Sum of the trigger's values. */
  readonly queueLength: number;
  readonly active: boolean;
  readonly target: number;
}

/**
 * How many Jobs KEDA creates in one poll (keda/pkg/scaling/scaledjob/metrics.go,
 * pkg/scaling/executor/scale_jobs.go): written from what those do, and not from
 * what the scaler makes of it.
 */
export function jobsToCreate(scaling: Scaling, { running, pending }: KedaCounts, told: readonly TriggerTold[]): number {
  const { minReplicas: min, maxReplicas: max } = scaling;
  const effectiveMax = min > max ? max : max - min;
  const active = told.filter((one) => one.active && (scaling.combined !== "max" || one.queueLength > 0));
  const queueLength = combine(
    active.map((one) => one.queueLength),
    scaling.combined,
  );
  const maxValue = combine(
    active.map((one) => (one.target > 0 ? Math.min(one.queueLength / one.target, effectiveMax) : 0)),
    scaling.combined,
  );
  const maxScale = Math.ceil(Math.min(maxValue, effectiveMax));
  if (running < min) return min - running;
  const effective = effectiveScale(scaling, { maxScale, running: running - min, pending, effectiveMax });
  const scaleTo = scaling.strategy === "eager" ? effectiveMax : Math.ceil(queueLength);
  return active.length > 0 || min > 0 ? Math.min(scaleTo, Math.max(effective, 0)) : 0;
}

function combine(values: readonly number[], how: Scaling["combined"]): number {
  if (values.length === 0) return 0;
  const sum = values.reduce((total, value) => total + value, 0);
  if (how === "sum") return sum;
  if (how === "avg") return sum / values.length;
  return how === "min" ? Math.min(...values) : Math.max(...values);
}

interface Scale {
  readonly maxScale: number;
  readonly running: number;
  readonly pending: number;
  readonly effectiveMax: number;
}

function effectiveScale(scaling: Scaling, { maxScale, running, pending, effectiveMax }: Scale): number {
  const { strategy, deduction, runningShare } = scaling;
  if (strategy === "custom") return Math.min(maxScale - deduction - Math.trunc(running * runningShare), effectiveMax);
  if (strategy === "accurate")
    return maxScale + running - pending > effectiveMax ? effectiveMax - running : maxScale - pending;
  return strategy === "eager" ? Math.min(effectiveMax - running - pending, maxScale) : maxScale - running;
}

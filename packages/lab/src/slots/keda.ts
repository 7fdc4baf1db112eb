/** What KEDA knows of one ScaledJob when it polls. */
export interface KedaPoll {
  /** Sum of the trigger's values. */
  readonly queueLength: number;
  readonly active: boolean;
  readonly target: number;
  readonly maxReplicas: number;
  /** Unfinished Jobs, pending ones included. */
  readonly running: number;
}

/**
 * How many Jobs KEDA creates: one trigger, strategy "default", no minimum
 * (keda/pkg/scaling/scaledjob/metrics.go and executor/scale_jobs.go).
 */
export function jobsToCreate({ queueLength, active, target, maxReplicas, running }: KedaPoll): number {
  const maxValue = target > 0 ? Math.min(queueLength / target, maxReplicas) : 0;
  const maxScale = Math.ceil(Math.min(maxValue, maxReplicas));
  const effective = maxScale - running;
  return active ? Math.min(Math.ceil(queueLength), Math.max(effective, 0)) : 0;
}

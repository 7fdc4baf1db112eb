/** The part of a Job that takes a slot. */
export interface SlotJob {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** What released it: "namespace/scaledjob", or the queue's name. */
  readonly owner: string;
  readonly suspended: boolean;
  readonly finished: boolean;
  /** Its end is decided, and it is finished as soon as its pods are. */
  readonly ending: boolean;
  /** When it is stopped for having run for long enough, in milliseconds since the Unix epoch; null: it has not begun, or may run on. */
  readonly deadlineMs: number | null;
  readonly createdAtMs: number;
}

/** The part of a Job's pod that takes a slot. */
export interface SlotPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly jobUid: string;
  /** "" until it is bound. */
  readonly node: string;
  /** Succeeded or Failed. */
  readonly ended: boolean;
  /** Running or Succeeded: what KEDA does not take for pending. */
  readonly started: boolean;
  /** Types of its conditions that are True. */
  readonly conditions: readonly string[];
  /** Why the scheduler has found no node for it; "" where it has, or has not said. */
  readonly waitsFor: string;
  readonly createdAtMs: number;
}

/** Whether the Job may have a pod somewhere, now or soon. */
export function takesSlot(job: SlotJob): boolean {
  return !job.finished && !job.suspended;
}

/** UIDs of Jobs of which a pod is on a node now. */
export function boundJobs(pods: Iterable<SlotPod>): ReadonlySet<string> {
  const bound = new Set<string>();
  for (const pod of pods) if (!pod.ended && pod.node !== "") bound.add(pod.jobUid);
  return bound;
}

/** The part of a Job that takes a slot. */
export interface SlotJob {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** What released it: "namespace/scaledjob", or the queue's name. */
  readonly owner: string;
  readonly suspended: boolean;
  readonly finished: boolean;
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
  readonly createdAtMs: number;
}

/** Whether the Job may have a pod somewhere, now or soon. */
export function takesSlot(job: SlotJob): boolean {
  return !job.finished && !job.suspended;
}

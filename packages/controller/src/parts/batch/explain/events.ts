import type { ObjectRef } from "../../../base/told/decision.ts";
import { podRef } from "../../../base/told/decision.ts";
import type { Teller } from "../../../base/told/teller.ts";
import type { SlotJob, SlotPod } from "../decide/job.ts";
import type { batchVerdicts } from "./verdicts.ts";

/** Tells of jobs what becomes of them. */
export class JobAnnouncer {
  readonly #teller: Teller<typeof batchVerdicts>;

  constructor(teller: Teller<typeof batchVerdicts>) {
    this.#teller = teller;
  }

  /** On a queued Job. */
  released(job: SlotJob): void {
    this.#teller.tell({ object: jobRef(job), verdict: "JobReleased", reason: "a node has room for it" });
  }

  /**
   * On a Job, and on the ScaledJob that made it.
   *
   * @param because the scheduler's words; "" where it has said nothing
   */
  stranded(
    job: SlotJob,
    scaledJob: ObjectRef | undefined,
    waited: { readonly ms: number; readonly because: string },
  ): void {
    const seconds = Math.round(waited.ms / 1000);
    const why = `no node has taken it for ${seconds} s, though one has room: ${waited.because || "no reason is known"}`;
    const reason = `${why}; its slot is given to others`;
    this.#teller.tell({ object: jobRef(job), verdict: "JobStranded", reason, numbers: { seconds } });
    if (!scaledJob) return;
    const rest = `${job.name}: ${reason}; this ScaledJob gets no other until it or a node changes, or after a while`;
    this.#teller.tell({ object: scaledJob, verdict: "JobStranded", reason: rest, numbers: { seconds } });
  }

  /** On a pod, and why it and no other. */
  evicted(pod: SlotPod, node: string): void {
    const reason = `node ${node} has been overloaded for long, and this is its youngest job`;
    this.#teller.tell({ object: podRef(pod), verdict: "JobEvicted", reason });
  }

  /** Slots for a ScaledJob's trigger. */
  granted(object: ObjectRef, slots: number, free: number): void {
    const reason = `granted ${slots} of ${free} free slots`;
    this.#teller.tell({ object, verdict: "SlotGranted", reason, numbers: { slots, free } });
  }
}

function jobRef({ namespace, name, uid }: SlotJob): ObjectRef {
  return { apiVersion: "batch/v1", kind: "Job", namespace, name, uid };
}

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
  released({ namespace, name, uid }: SlotJob): void {
    const object = { apiVersion: "batch/v1", kind: "Job", namespace, name, uid };
    this.#teller.tell({ object, verdict: "JobReleased", reason: "a node has room for it" });
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

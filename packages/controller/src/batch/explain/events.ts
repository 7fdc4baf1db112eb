import type { EventNote } from "@walras/kube";

import type { SlotJob, SlotPod } from "../slots/job.ts";

/** Where Events go. */
export interface EventSink {
  record(event: EventNote): void;
}

/** Tells on a queued Job that it was released. */
export function tellReleased(sink: EventSink, { namespace, name, uid }: SlotJob): void {
  sink.record({
    regarding: { apiVersion: "batch/v1", kind: "Job", namespace, name, uid },
    type: "Normal",
    reason: "JobReleased",
    action: "Release",
    note: "a node has room for it",
  });
}

/** Tells on a pod that it was evicted, and why it and no other. */
export function tellEvicted(sink: EventSink, { namespace, name, uid }: SlotPod, node: string): void {
  sink.record({
    regarding: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
    type: "Warning",
    reason: "JobEvicted",
    action: "Evict",
    note: `node ${node} has been overloaded for long, and this is its youngest job`,
  });
}

import { type MetricFactory, stepBuckets } from "../../base/ops/registry.ts";
import type { Slot } from "./decide/slot.ts";
import type { ScalerObserver } from "./scaler/service.ts";

/** What batch slots count. */
export type BatchMetrics = ReturnType<typeof batchMetrics>;

/** @param freeNodes name of the number of free nodes, as the prototype's users chose it */
export function batchMetrics({ counter, gauge, histogram }: MetricFactory, freeNodes: string) {
  return {
    freeNodes: gauge(freeNodes, "Nodes on which a job may start now; NaN while that is not known"),
    slots: gauge("walras_batch_slots", "Nodes by the state of their slot", ["state"]),
    grants: gauge("walras_batch_grants", "Slots granted and not taken up yet"),
    stranded: gauge("walras_batch_jobs_stranded", "Jobs that no node takes, though one has room"),
    scalerCalls: counter("walras_scaler_calls_total", "Calls of the external scaler", ["method", "code"]),
    scalerSeconds: histogram({
      name: "walras_scaler_call_seconds",
      help: "Time of a call of the external scaler, with the wait of one that comes too soon after jobs",
      buckets: stepBuckets,
    }),
    jobsReleased: counter("walras_batch_jobs_released_total", "Suspended jobs released"),
    jobsEvicted: counter("walras_batch_jobs_evicted_total", "Jobs evicted from overloaded nodes"),
  };
}

export function scalerObserver(metrics: BatchMetrics): ScalerObserver {
  return {
    answered: ({ method, code, durationMs }) => {
      metrics.scalerCalls.inc({ method, code });
      metrics.scalerSeconds.observe(durationMs / 1000);
    },
  };
}

/** What there is of slots now. */
export interface SlotCounts {
  /** null: not known. */
  readonly free: number | null;
  readonly grants: number;
  readonly stranded: number;
}

export function setSlots(metrics: BatchMetrics, slots: readonly Slot[], counts: SlotCounts): void {
  metrics.freeNodes.set(counts.free ?? NaN);
  metrics.grants.set(counts.grants);
  metrics.stranded.set(counts.stranded);
  for (const state of ["free", "busy", "occupied", "unknown", "ineligible"] as const) {
    metrics.slots.set({ state }, slots.filter((slot) => slot.state === state).length);
  }
}

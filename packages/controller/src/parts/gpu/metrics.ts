import type { Counts } from "./loop/reporter.ts";
import { type MetricFactory, stepBuckets } from "../../base/ops/registry.ts";

/** What the scheduler counts. */
export type GpuMetrics = ReturnType<typeof gpuMetrics>;

export function gpuMetrics({ counter, gauge, histogram }: MetricFactory) {
  return {
    attempts: counter("walras_gpu_scheduling_attempts_total", "Decisions about pods", ["result"]),
    pending: gauge("walras_gpu_pending_pods", "Pods that wait for a place", ["queue"]),
    cycleSeconds: histogram({
      name: "walras_gpu_cycle_seconds",
      help: "Time of deciding for all whose turn it is",
      buckets: stepBuckets,
    }),
    preempted: counter("walras_gpu_preempted_pods_total", "Pods evicted for others, by why", ["by"]),
    defragmentationMoves: gauge(
      "walras_gpu_defragmentation_moves",
      "Pods that the last plan of a defragmentation moves",
    ),
    defragmentationAdmits: gauge("walras_gpu_defragmentation_admits", "Pods that have a place after these moves"),
    nominated: gauge("walras_gpu_nominated_pods", "Pods for which others leave"),
    maps: gauge("walras_gpu_scheduling_maps", "Scheduling maps, by whether their pods are placed", ["state"]),
    drifted: gauge("walras_gpu_drifted_pods", "Pods of maps on other GPUs than were chosen for them"),
  };
}

export function countsIn({ attempts, maps, drifted }: GpuMetrics): Counts {
  return {
    attempt: (result) => attempts.inc({ result }),
    maps: (counts) => {
      maps.set({ state: "held" }, counts.held);
      maps.set({ state: "used" }, counts.used);
      drifted.set(counts.drifted);
    },
  };
}

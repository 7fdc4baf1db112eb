import { callBuckets, type MetricFactory, stepBuckets } from "../../base/ops/registry.ts";
import type { ResizeObserver } from "./act/actuator.ts";
import type { RoundObserver } from "./loop/steps.ts";

/** What the market counts. */
export type MarketMetrics = ReturnType<typeof marketMetrics>;

export function marketMetrics({ counter, gauge, histogram }: MetricFactory) {
  return {
    rounds: counter("walras_rounds_total", "Rounds of the market, one node each", ["mode"]),
    roundFailures: counter("walras_round_failures_total", "Rounds that failed"),
    stepSeconds: histogram({
      name: "walras_round_step_seconds",
      help: "Time of each step of a round",
      labels: ["step"],
      buckets: stepBuckets,
    }),
    resizes: counter("walras_resizes_total", "Resizes the API server took", ["direction"]),
    resizeRefusals: counter("walras_resize_refusals_total", "Resizes that were refused", ["reason"]),
    resizesDropped: counter("walras_resizes_dropped_total", "Resizes that no longer applied when their turn came", [
      "reason",
    ]),
    resizeSeconds: histogram({
      name: "walras_resize_seconds",
      help: "Time of the resize call",
      buckets: callBuckets,
    }),
    workloadProfiles: gauge("walras_workload_profiles", "Workloads whose use is remembered"),
    reactionSeconds: histogram({
      name: "walras_reaction_seconds",
      help: "From the sample that asked for a resize to the API server's answer",
      buckets: callBuckets,
    }),
  };
}

export function roundObserver(metrics: MarketMetrics): RoundObserver {
  return {
    stepTook: (step, tookMs) => metrics.stepSeconds.observe({ step }, tookMs / 1000),
    roundFailed: () => metrics.roundFailures.inc(),
  };
}

/** @param sampleAgeMs age of the sample that asked for a resize of the pod; null: not known */
export function resizeObserver(
  metrics: MarketMetrics,
  announcer: Pick<ResizeObserver, "refused"> & { resized(resize: Parameters<ResizeObserver["resized"]>[0]): void },
  sampleAgeMs: (pod: Parameters<ResizeObserver["refused"]>[0]) => number | null,
): ResizeObserver {
  return {
    resized: (resize, tookMs) => {
      const { pod, cuts, cause } = resize;
      metrics.resizes.inc({ direction: cause === "market" ? (cuts ? "down" : "up") : cause });
      metrics.resizeSeconds.observe(tookMs / 1000);
      const ageMs = cause === "market" ? sampleAgeMs(pod) : null;
      if (ageMs !== null) metrics.reactionSeconds.observe(ageMs / 1000);
      announcer.resized(resize);
    },
    refused: (pod, reason, message) => {
      metrics.resizeRefusals.inc({ reason });
      announcer.refused(pod, reason, message);
    },
    dropped: (reason) => metrics.resizesDropped.inc({ reason }),
  };
}

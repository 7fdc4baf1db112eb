import { type MetricFactory, stepBuckets } from "../../base/ops/registry.ts";
import type { ApplicationWatchObserver } from "./argocd/watch.ts";
import type { ReleaseMetrics } from "./explain/sinks.ts";

/** A rollout takes some 22 s by the published baseline. */
const rolloutBuckets = [1, 2.5, 5, 10, 15, 20, 25, 30, 45, 60, 120, 300, 900, 1800];

/** What CARLA counts, under the prototype's names. */
export type CarlaMetrics = ReturnType<typeof carlaMetrics>;

export function carlaMetrics({ counter, gauge, histogram }: MetricFactory) {
  return {
    decisions: counter("carla_decisions_total", "Applications by what a tick decided about them and did", ["status"]),
    syncTriggers: counter("carla_sync_trigger_total", "Syncs asked of Argo CD"),
    syncErrors: counter("carla_sync_error_total", "Syncs that were refused, and releases that failed"),
    highRiskPaused: counter(
      "carla_high_risk_paused_total",
      "Times a high-risk application was held for an approval, counted each tick",
    ),
    headroom: gauge("carla_headroom_ratio", "1 - max(cpu/watermark, memory/watermark)"),
    rmaxUsed: gauge("carla_knapsack_rmax_used", "r of what is selected and in flight"),
    rolloutSeconds: histogram({
      name: "carla_rollout_duration_seconds",
      help: "From the request to healthy",
      buckets: rolloutBuckets,
    }),
    inFlight: gauge("carla_releases_in_flight", "Releases not yet healthy"),
    failures: counter("carla_release_failures_total", "Releases that failed", ["reason"]),
    withdrawn: counter("carla_releases_withdrawn_total", "Releases that were taken back before they were done", [
      "reason",
    ]),
    tickSeconds: histogram({ name: "carla_tick_seconds", help: "Time of one decision", buckets: stepBuckets }),
    configErrors: counter("carla_config_errors_total", "Configurations that were refused; the last good one stays"),
    watchRestarts: counter("carla_argo_watch_restarts_total", "Application streams that ended and were opened again", [
      "reason",
    ]),
  };
}

export function watchObserver(metrics: CarlaMetrics): ApplicationWatchObserver {
  return { restarted: (reason) => metrics.watchRestarts.inc({ reason }) };
}

export function releaseMetrics(metrics: CarlaMetrics): ReleaseMetrics {
  return {
    acted: ({ selected, held, highRiskPaused }, notSynced) => {
      metrics.decisions.inc({ status: "selected" }, selected.length - notSynced);
      metrics.decisions.inc({ status: "not_synced" }, notSynced);
      metrics.decisions.inc({ status: "paused" }, highRiskPaused.length);
      metrics.decisions.inc({ status: "skipped" }, held.length - highRiskPaused.length);
      metrics.highRiskPaused.inc(highRiskPaused.length);
    },
    decided: ({ headroom, rmaxUsed }, tookMs) => {
      metrics.headroom.set(headroom ?? NaN);
      metrics.rmaxUsed.set(rmaxUsed);
      metrics.tickSeconds.observe(tookMs / 1000);
    },
    asked: () => metrics.syncTriggers.inc(),
    refused: () => metrics.syncErrors.inc(),
    ended: (outcome, tookMs) => {
      if (outcome.kind === "succeeded") metrics.rolloutSeconds.observe(tookMs / 1000);
      if (outcome.kind === "withdrawn") metrics.withdrawn.inc({ reason: outcome.reason });
      if (outcome.kind !== "failed") return;
      metrics.syncErrors.inc();
      metrics.failures.inc({ reason: outcome.reason });
    },
  };
}

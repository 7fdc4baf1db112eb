import type { ApplicationWatchObserver } from "../carla/argocd/watch.ts";
import type { ReleaseMetrics } from "../carla/explain/sinks.ts";
import type { Metrics } from "./metrics.ts";

export function watchMetrics(metrics: Metrics): ApplicationWatchObserver {
  return { restarted: (reason) => metrics.argoWatchRestarts.inc({ reason }) };
}

export function releaseMetrics(metrics: Metrics): ReleaseMetrics {
  return {
    decided: ({ selected, held, highRiskPaused, headroom, rmaxUsed }, tookMs) => {
      metrics.releaseDecisions.inc({ status: "selected" }, selected.length);
      metrics.releaseDecisions.inc({ status: "paused" }, highRiskPaused.length);
      metrics.releaseDecisions.inc({ status: "skipped" }, held.length - highRiskPaused.length);
      metrics.highRiskPaused.inc(highRiskPaused.length);
      metrics.headroom.set(headroom ?? NaN);
      metrics.rmaxUsed.set(rmaxUsed);
      metrics.releaseTickSeconds.observe(tookMs / 1000);
    },
    asked: () => metrics.syncTriggers.inc(),
    refused: () => metrics.syncErrors.inc(),
    ended: (failure, tookMs) => {
      if (failure === null) {
        metrics.rolloutSeconds.observe(tookMs / 1000);
        return;
      }
      metrics.syncErrors.inc();
      metrics.releaseFailures.inc({ reason: failure });
    },
  };
}

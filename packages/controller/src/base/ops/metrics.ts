import type { RepeatingObserver } from "@walras/kit";
import type { ReflectorObserver, TransportObserver, WriteObserver } from "@walras/kube";

import { callBuckets, type MetricFactory, type Registry } from "./registry.ts";

/** Pod and namespace are of the one that holds the GPU; empty where none does, or several. */
const gpuLabels = ["node", "gpu", "uuid", "model", "pod", "namespace"] as const;

/** What the base counts, whichever parts run. */
export type BaseMetrics = ReturnType<typeof baseMetrics>;

export function baseMetrics(registry: Registry, { counter, gauge, histogram }: MetricFactory) {
  return {
    registry,
    /** Run before each scrape, for what is known anyway and not counted. */
    atScrape: [] as (() => void)[],
    leader: gauge("walras_leader", "1 while this controller leads"),
    epoch: gauge("walras_leader_epoch", "Transitions of the Lease"),
    agents: gauge("walras_agents", "Agents with an open stream"),
    certificateUntil: gauge(
      "walras_tls_certificate_expiry_seconds",
      "End of the certificate of the agents' port, in Unix time; 0: there is none",
    ),
    reports: counter("walras_agent_reports_total", "Reports received"),
    reportRejections: counter("walras_agent_report_rejections_total", "Parts of reports that were not believed", [
      "reason",
    ]),
    writeQueue: gauge("walras_write_queue_length", "Writes waiting for the budget"),
    writes: counter("walras_writes_total", "Writes by outcome", ["outcome"]),
    apiSeconds: histogram({
      name: "walras_api_request_seconds",
      help: "Calls of the API server",
      labels: ["verb", "status"],
      buckets: callBuckets,
    }),
    watchRestarts: counter("walras_watch_restarts_total", "Watches that ended and were opened again", [
      "resource",
      "reason",
    ]),
    storeObjects: gauge("walras_store_objects", "Objects followed", ["resource"]),
    unreadableObjects: counter("walras_watch_unreadable_objects_total", "Objects that could not be read", ["resource"]),
    handlerErrors: counter("walras_watch_handler_errors_total", "Changes whose handler failed", ["resource"]),
    divergences: counter("walras_cache_divergence_total", "Objects the store had wrong when it was audited", [
      "resource",
    ]),
    eventsDropped: counter("walras_events_dropped_total", "Events not written"),
    loopRuns: counter("walras_loop_runs_total", "Runs of a repeating task", ["loop"]),
    loopFailures: counter("walras_loop_failures_total", "Runs of a repeating task that failed", ["loop"]),
    configReloads: counter(
      "walras_config_reloads_total",
      "Times that the configuration file was another: taken, or refused as a whole",
      ["outcome"],
    ),
    configValid: gauge(
      "walras_config_valid",
      "1 while the configuration file is the one that holds; 0: it was refused, or there is none",
    ),
    historyDropped: counter("walras_history_dropped_total", "Decisions that the history had no room or time for"),
    gpus: {
      utilisation: gauge("walras_gpu_utilisation_ratio", "Share of time in which the GPU was at work", gpuLabels),
      memoryUsedBytes: gauge("walras_gpu_memory_used_bytes", "Memory of the GPU in use", gpuLabels),
      memoryTotalBytes: gauge("walras_gpu_memory_total_bytes", "Memory of the GPU", gpuLabels),
      powerWatts: gauge("walras_gpu_power_watts", "What the GPU draws", gpuLabels),
      temperatureCelsius: gauge("walras_gpu_temperature_celsius", "Temperature of the GPU", gpuLabels),
      healthy: gauge("walras_gpu_healthy", "1 while nothing is known to be wrong with the GPU", gpuLabels),
    },
    eventLoopP99: gauge("walras_event_loop_delay_p99_seconds", "99th percentile since the last scrape"),
    residentBytes: gauge("walras_resident_memory_bytes", "Resident set size"),
    cpuSeconds: gauge("walras_cpu_seconds", "CPU used since start"),
  };
}

export function transportObserver(metrics: BaseMetrics): TransportObserver {
  return {
    called: (verb, status, tookMs) => metrics.apiSeconds.observe({ verb, status: String(status) }, tookMs / 1000),
  };
}

export function writeObserver(metrics: BaseMetrics): WriteObserver {
  return {
    finished: (outcome) => metrics.writes.inc({ outcome }),
    waiting: (count) => metrics.writeQueue.set(count),
  };
}

/** What is told of each watch. */
export function watchObserver(
  metrics: BaseMetrics,
): ReflectorObserver & { counted(resource: string, count: number): void } {
  return {
    restarted: (resource, reason) => metrics.watchRestarts.inc({ resource, reason }),
    unreadable: (resource) => metrics.unreadableObjects.inc({ resource }),
    handlerFailed: (resource) => metrics.handlerErrors.inc({ resource }),
    diverged: (resource, count) => metrics.divergences.inc({ resource }, count),
    counted: (resource, count) => metrics.storeObjects.set({ resource }, count),
  };
}

export function loopObserver(metrics: BaseMetrics): RepeatingObserver {
  return {
    ran: (loop) => metrics.loopRuns.inc({ loop }),
    failed: (loop) => {
      metrics.loopRuns.inc({ loop });
      metrics.loopFailures.inc({ loop });
    },
  };
}

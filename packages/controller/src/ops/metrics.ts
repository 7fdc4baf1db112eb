import { Counter, Gauge, Histogram, Registry } from "prom-client";

const stepBuckets = [0.00005, 0.0002, 0.001, 0.005, 0.02, 0.1, 0.5];
/** A rollout takes some 22 s by the published baseline. */
const rolloutBuckets = [1, 2.5, 5, 10, 15, 20, 25, 30, 45, 60, 120, 300, 900, 1800];
const callBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Every metric of the controller. None has a pod or container label: their number would have no bound. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    leader: new Gauge({ name: "walras_leader", help: "1 while this controller leads", registers }),
    epoch: new Gauge({ name: "walras_leader_epoch", help: "Transitions of the Lease", registers }),
    agents: new Gauge({ name: "walras_agents", help: "Agents with an open stream", registers }),
    reports: new Counter({ name: "walras_agent_reports_total", help: "Reports received", registers }),
    reportRejections: new Counter({
      name: "walras_agent_report_rejections_total",
      help: "Parts of reports that were not believed",
      labelNames: ["reason"],
      registers,
    }),
    rounds: new Counter({
      name: "walras_rounds_total",
      help: "Rounds of the market, one node each",
      labelNames: ["mode"],
      registers,
    }),
    roundFailures: new Counter({ name: "walras_round_failures_total", help: "Rounds that failed", registers }),
    stepSeconds: new Histogram({
      name: "walras_round_step_seconds",
      help: "Time of each step of a round",
      labelNames: ["step"],
      buckets: stepBuckets,
      registers,
    }),
    resizes: new Counter({
      name: "walras_resizes_total",
      help: "Resizes the API server took",
      labelNames: ["direction"],
      registers,
    }),
    resizeRefusals: new Counter({
      name: "walras_resize_refusals_total",
      help: "Resizes that were refused",
      labelNames: ["reason"],
      registers,
    }),
    resizesDropped: new Counter({
      name: "walras_resizes_dropped_total",
      help: "Resizes that no longer applied when their turn came",
      labelNames: ["reason"],
      registers,
    }),
    resizeSeconds: new Histogram({
      name: "walras_resize_seconds",
      help: "Time of the resize call",
      buckets: callBuckets,
      registers,
    }),
    reactionSeconds: new Histogram({
      name: "walras_reaction_seconds",
      help: "From the sample that asked for a resize to the API server's answer",
      buckets: callBuckets,
      registers,
    }),
    writeQueue: new Gauge({ name: "walras_write_queue_length", help: "Writes waiting for the budget", registers }),
    writes: new Counter({ name: "walras_writes_total", help: "Writes by outcome", labelNames: ["outcome"], registers }),
    apiSeconds: new Histogram({
      name: "walras_api_request_seconds",
      help: "Calls of the API server",
      labelNames: ["verb", "status"],
      buckets: callBuckets,
      registers,
    }),
    watchRestarts: new Counter({
      name: "walras_watch_restarts_total",
      help: "Watches that ended and were opened again",
      labelNames: ["resource", "reason"],
      registers,
    }),
    storeObjects: new Gauge({
      name: "walras_store_objects",
      help: "Objects followed",
      labelNames: ["resource"],
      registers,
    }),
    unreadableObjects: new Counter({
      name: "walras_watch_unreadable_objects_total",
      help: "Objects that could not be read",
      labelNames: ["resource"],
      registers,
    }),
    handlerErrors: new Counter({
      name: "walras_watch_handler_errors_total",
      help: "Changes whose handler failed",
      labelNames: ["resource"],
      registers,
    }),
    divergences: new Counter({
      name: "walras_cache_divergence_total",
      help: "Objects the store had wrong when it was audited",
      labelNames: ["resource"],
      registers,
    }),
    eventsDropped: new Counter({ name: "walras_events_dropped_total", help: "Events not written", registers }),
    releaseDecisions: new Counter({
      name: "carla_decisions_total",
      help: "Applications by what a tick decided about them",
      labelNames: ["status"],
      registers,
    }),
    syncTriggers: new Counter({ name: "carla_sync_trigger_total", help: "Syncs asked of Argo CD", registers }),
    syncErrors: new Counter({
      name: "carla_sync_error_total",
      help: "Syncs that were refused, and releases that failed",
      registers,
    }),
    highRiskPaused: new Counter({
      name: "carla_high_risk_paused_total",
      help: "Times a high-risk application was held for an approval, counted each tick",
      registers,
    }),
    headroom: new Gauge({ name: "carla_headroom_ratio", help: "1 - max(cpu/watermark, memory/watermark)", registers }),
    rmaxUsed: new Gauge({ name: "carla_knapsack_rmax_used", help: "r of what is selected and in flight", registers }),
    rolloutSeconds: new Histogram({
      name: "carla_rollout_duration_seconds",
      help: "From the request to healthy",
      buckets: rolloutBuckets,
      registers,
    }),
    releasesInFlight: new Gauge({ name: "carla_releases_in_flight", help: "Releases not yet healthy", registers }),
    releaseFailures: new Counter({
      name: "carla_release_failures_total",
      help: "Releases that failed",
      labelNames: ["reason"],
      registers,
    }),
    releaseTickSeconds: new Histogram({
      name: "carla_tick_seconds",
      help: "Time of one decision",
      buckets: stepBuckets,
      registers,
    }),
    releaseConfigErrors: new Counter({
      name: "carla_config_errors_total",
      help: "Configurations that were refused; the last good one stays",
      registers,
    }),
    argoWatchRestarts: new Counter({
      name: "carla_argo_watch_restarts_total",
      help: "Application streams that ended and were opened again",
      labelNames: ["reason"],
      registers,
    }),
    freeNodes: new Gauge({
      name: "available_node_count_30s",
      help: "Nodes on which a job may start now; NaN while that is not known",
      registers,
    }),
    slots: new Gauge({
      name: "walras_batch_slots",
      help: "Nodes by the state of their slot",
      labelNames: ["state"],
      registers,
    }),
    grants: new Gauge({ name: "walras_batch_grants", help: "Slots granted and not taken up yet", registers }),
    scalerCalls: new Counter({
      name: "walras_scaler_calls_total",
      help: "Calls of the external scaler",
      labelNames: ["method", "code"],
      registers,
    }),
    scalerSeconds: new Histogram({
      name: "walras_scaler_call_seconds",
      help: "Time of a call of the external scaler",
      buckets: stepBuckets,
      registers,
    }),
    jobsReleased: new Counter({ name: "walras_batch_jobs_released_total", help: "Suspended jobs released", registers }),
    jobsEvicted: new Counter({
      name: "walras_batch_jobs_evicted_total",
      help: "Jobs evicted from overloaded nodes",
      registers,
    }),
    eventLoopP99: new Gauge({
      name: "walras_event_loop_delay_p99_seconds",
      help: "99th percentile since the last scrape",
      registers,
    }),
    residentBytes: new Gauge({ name: "walras_resident_memory_bytes", help: "Resident set size", registers }),
    cpuSeconds: new Gauge({ name: "walras_cpu_seconds", help: "CPU used since start", registers }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

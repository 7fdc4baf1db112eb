import type { Dashboard, Panel } from "./grafana.ts";

const rate = (metric: string, by = ""): string =>
  by === "" ? `sum(rate(${metric}[5m]))` : `sum by (${by}) (rate(${metric}[5m]))`;
const quantile = (q: number, metric: string, by = "le"): string =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${metric}_bucket[5m])))`;
const quantiles = (metric: string): Panel["queries"] => ({
  "half of all": quantile(0.5, metric),
  "95 of 100": quantile(0.95, metric),
  "99 of 100": quantile(0.99, metric),
});

const control: Dashboard = {
  uid: "walras-control",
  title: "Walras / Control plane",
  description: "Whether the controller leads, sees and writes.",
  panels: [
    {
      title: "The agents' certificate ends in",
      unit: "s",
      now: true,
      queries: { left: "min(walras_tls_certificate_expiry_seconds > 0) - time()" },
    },
    { title: "Leaders", unit: "short", now: true, queries: { leaders: "sum(walras_leader)" } },
    {
      title: "Agents that report, and nodes",
      unit: "short",
      queries: { agents: "max(walras_agents)", nodes: 'max(walras_store_objects{resource="nodes"})' },
    },
    { title: "Reports", unit: "ops", queries: { "a second": rate("walras_agent_reports_total") } },
    {
      title: "Parts of reports not believed",
      unit: "ops",
      queries: { "{{reason}}": rate("walras_agent_report_rejections_total", "reason") },
    },
    { title: "Writes", unit: "ops", queries: { "{{outcome}}": rate("walras_writes_total", "outcome") } },
    { title: "Writes that wait", unit: "short", queries: { "{{pod}}": "max by (pod) (walras_write_queue_length)" } },
    {
      title: "Calls of the API server, 99 of 100 within",
      unit: "s",
      queries: { "{{verb}}": quantile(0.99, "walras_api_request_seconds", "le, verb") },
    },
    {
      title: "Watches opened again",
      unit: "ops",
      queries: { "{{resource}} {{reason}}": rate("walras_watch_restarts_total", "resource, reason") },
    },
    {
      title: "Objects followed",
      unit: "short",
      queries: { "{{resource}}": "max by (resource) (walras_store_objects)" },
    },
    {
      title: "Repeating tasks that failed",
      unit: "ops",
      queries: { "{{loop}}": rate("walras_loop_failures_total", "loop") },
    },
    {
      title: "Event loop, 99 of 100 turns within",
      unit: "s",
      queries: { "{{pod}}": "max by (pod) (walras_event_loop_delay_p99_seconds)" },
    },
    {
      title: "Memory and CPU",
      unit: "short",
      queries: {
        "{{pod}} MiB": "max by (pod) (walras_resident_memory_bytes) / 1048576",
        "{{pod}} cores, hundredths": "100 * max by (pod) (deriv(walras_cpu_seconds[5m]))",
      },
    },
  ],
};

const market: Dashboard = {
  uid: "walras-market",
  title: "Walras / Market",
  description: "What the market of CPU does, and how soon.",
  panels: [
    {
      title: "Rounds by how their node was",
      unit: "ops",
      queries: { "{{mode}}": rate("walras_rounds_total", "mode") },
      description: "congested: CPU is used up and rationed; overloaded: what is guaranteed does not fit.",
    },
    { title: "Resizes", unit: "ops", queries: { "{{direction}}": rate("walras_resizes_total", "direction") } },
    {
      title: "Resizes refused or dropped",
      unit: "ops",
      queries: {
        "refused: {{reason}}": rate("walras_resize_refusals_total", "reason"),
        "dropped: {{reason}}": rate("walras_resizes_dropped_total", "reason"),
      },
    },
    { title: "From sample to resize", unit: "s", queries: quantiles("walras_reaction_seconds") },
    { title: "The call that resizes", unit: "s", queries: quantiles("walras_resize_seconds") },
    {
      title: "Steps of a round, 99 of 100 within",
      unit: "s",
      queries: { "{{step}}": quantile(0.99, "walras_round_step_seconds", "le, step") },
    },
    { title: "Rounds that failed", unit: "ops", queries: { "a second": rate("walras_round_failures_total") } },
    {
      title: "Workloads whose use is remembered",
      unit: "short",
      now: true,
      queries: { workloads: "max(walras_workload_profiles)" },
    },
  ],
};

const releases: Dashboard = {
  uid: "walras-releases",
  title: "Walras / Releases",
  description: "What CARLA releases, holds and takes back.",
  panels: [
    { title: "Decisions", unit: "ops", queries: { "{{status}}": rate("carla_decisions_total", "status") } },
    { title: "Releases in flight", unit: "short", queries: { releases: "max(carla_releases_in_flight)" } },
    {
      title: "Headroom",
      unit: "percentunit",
      queries: { headroom: "max(carla_headroom_ratio)" },
      description: "A gap: it is not known, and nothing is released.",
    },
    { title: "Risk in flight", unit: "short", queries: { r: "max(carla_knapsack_rmax_used)" } },
    {
      title: "Syncs asked for, and refused",
      unit: "ops",
      queries: { asked: rate("carla_sync_trigger_total"), refused: rate("carla_sync_error_total") },
    },
    {
      title: "Failures and withdrawals",
      unit: "ops",
      queries: {
        "failed: {{reason}}": rate("carla_release_failures_total", "reason"),
        "withdrawn: {{reason}}": rate("carla_releases_withdrawn_total", "reason"),
      },
    },
    { title: "From the request to healthy", unit: "s", queries: quantiles("carla_rollout_duration_seconds") },
    { title: "Held for an approval", unit: "ops", queries: { "a tick": rate("carla_high_risk_paused_total") } },
    { title: "One decision", unit: "s", queries: quantiles("carla_tick_seconds") },
  ],
};

const batch: Dashboard = {
  uid: "walras-batch",
  title: "Walras / Batch slots",
  description: "Where jobs may start, and what KEDA asks.",
  panels: [
    { title: "Free nodes", unit: "short", now: true, queries: { free: "max(available_node_count_30s)" } },
    {
      title: "Nodes by the state of their slot",
      unit: "short",
      queries: { "{{state}}": "max by (state) (walras_batch_slots)" },
    },
    { title: "Granted, not taken up yet", unit: "short", queries: { slots: "max(walras_batch_grants)" } },
    {
      title: "Calls of KEDA",
      unit: "ops",
      queries: { "{{method}} {{code}}": rate("walras_scaler_calls_total", "method, code") },
    },
    { title: "A call of KEDA", unit: "s", queries: quantiles("walras_scaler_call_seconds") },
    {
      title: "Jobs released, evicted, stranded",
      unit: "short",
      queries: {
        "released a second": rate("walras_batch_jobs_released_total"),
        "evicted a second": rate("walras_batch_jobs_evicted_total"),
        stranded: "max(walras_batch_jobs_stranded)",
      },
    },
  ],
};

const gpu: Dashboard = {
  uid: "walras-gpu",
  title: "Walras / GPUs",
  description: "Which GPUs work, who waits for one, and what drifts.",
  panels: [
    {
      title: "At work",
      unit: "percentunit",
      queries: { "{{node}} {{gpu}} {{pod}}": "max by (node, gpu, pod) (walras_gpu_utilisation_ratio)" },
    },
    {
      title: "Memory in use",
      unit: "percentunit",
      queries: {
        "{{node}} {{gpu}}":
          "max by (node, gpu) (walras_gpu_memory_used_bytes) / max by (node, gpu) (walras_gpu_memory_total_bytes)",
      },
    },
    {
      title: "Power and temperature",
      unit: "short",
      queries: {
        "{{node}} {{gpu}} W": "max by (node, gpu) (walras_gpu_power_watts)",
        "{{node}} {{gpu}} °C": "max by (node, gpu) (walras_gpu_temperature_celsius)",
      },
    },
    {
      title: "GPUs that are not healthy",
      unit: "short",
      now: true,
      queries: { gpus: "count(min by (node, gpu) (walras_gpu_healthy) == 0) or vector(0)" },
    },
    { title: "Pods that wait", unit: "short", queries: { "{{queue}}": "max by (queue) (walras_gpu_pending_pods)" } },
    {
      title: "Decisions about pods",
      unit: "ops",
      queries: { "{{result}}": rate("walras_gpu_scheduling_attempts_total", "result") },
    },
    {
      title: "Pods of maps on other GPUs",
      unit: "short",
      now: true,
      queries: { pods: "max(walras_gpu_drifted_pods)" },
    },
    { title: "A cycle of decisions", unit: "s", queries: quantiles("walras_gpu_cycle_seconds") },
    {
      title: "Pods that the webhook was asked about",
      unit: "ops",
      queries: { "{{outcome}}": rate("walras_gpu_admission_reviews_total", "outcome") },
    },
  ],
};

const intents: Dashboard = {
  uid: "walras-intents",
  title: "Walras / Intents",
  description: "What is planned for KPI targets, and what came of it.",
  panels: [
    {
      title: "Intents, each round",
      unit: "ops",
      queries: { "{{verdict}}": rate("walras_intents_decisions_total", "verdict") },
    },
    {
      title: "Plans to carry out",
      unit: "ops",
      queries: { "{{verdict}}": rate("walras_intents_executions_total", "verdict") },
    },
    {
      title: "Plans by what was seen of them",
      unit: "ops",
      queries: { "{{verdict}}": rate("walras_intents_effects_total", "verdict") },
    },
    { title: "Queries", unit: "ops", queries: { "{{outcome}}": rate("walras_intents_queries_total", "outcome") } },
    {
      title: "Calls to actuators",
      unit: "ops",
      queries: { "{{plugin}} {{outcome}}": rate("walras_intents_plugin_calls_total", "plugin, outcome") },
    },
    {
      title: "Steps, 99 of 100 within",
      unit: "s",
      queries: { "{{step}}": quantile(0.99, "walras_intents_step_seconds", "le, step") },
    },
  ],
};

/** By the part that they are about; each is a file of deploy/monitoring/dashboards. */
export const dashboards: Readonly<Record<string, Dashboard>> = { control, market, releases, batch, gpu, intents };

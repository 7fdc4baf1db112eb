/** Series by name, as promtool writes them: a value each minute. */
type Series = Readonly<Record<string, string>>;

/** What an alert speaks up about, and what is close to that and is nothing. */
export interface AlertCase {
  readonly fires: Series;
  readonly quiet: Series;
  /** Minutes until one looks. */
  readonly after: number;
}

const growing = (perMinute: number): string => `0+${perMinute}x100`;
const constant = (value: number): string => `${value}x100`;
/** promtool repeats numbers alone. */
const unknown = Array.from({ length: 30 }, () => "NaN").join(" ");
/** Counted for the first time after so many minutes. */
const firstAfter = (minutes: number): string => `_x${minutes} 1x100`;

/** Every alert of deploy/monitoring/rules.yaml. */
export const alertCases: Readonly<Record<string, AlertCase>> = {
  WalrasNoLeader: {
    fires: { 'walras_leader{pod="a"}': constant(0), 'walras_leader{pod="b"}': constant(0) },
    quiet: { 'walras_leader{pod="a"}': constant(0), 'walras_leader{pod="b"}': constant(1) },
    after: 5,
  },
  WalrasTwoLeaders: {
    fires: { 'walras_leader{pod="a"}': constant(1), 'walras_leader{pod="b"}': constant(1) },
    quiet: { 'walras_leader{pod="a"}': constant(1), 'walras_leader{pod="b"}': constant(0) },
    after: 5,
  },
  WalrasLeaderChangesOften: {
    fires: { walras_leader_epoch: growing(1) },
    quiet: { walras_leader_epoch: constant(7) },
    after: 31,
  },
  WalrasAgentsMissing: {
    fires: { walras_agents: constant(9), 'walras_store_objects{resource="nodes"}': constant(10) },
    quiet: {
      walras_agents: constant(10),
      'walras_store_objects{resource="nodes"}': constant(10),
      'walras_store_objects{resource="pods"}': constant(300),
    },
    after: 15,
  },
  WalrasReportsNotBelieved: {
    fires: { 'walras_agent_report_rejections_total{reason="impossible"}': growing(60) },
    quiet: { 'walras_agent_report_rejections_total{reason="impossible"}': growing(1) },
    after: 25,
  },
  WalrasWritesFail: {
    fires: { 'walras_writes_total{outcome="failed"}': growing(10), 'walras_writes_total{outcome="done"}': growing(60) },
    quiet: { 'walras_writes_total{outcome="failed"}': growing(1), 'walras_writes_total{outcome="done"}': growing(60) },
    after: 25,
  },
  WalrasWritesWait: {
    fires: { walras_write_queue_length: constant(5000) },
    quiet: { walras_write_queue_length: constant(50) },
    after: 8,
  },
  WalrasApiSlow: {
    fires: {
      'walras_api_request_seconds_bucket{verb="PATCH",le="1"}': growing(50),
      'walras_api_request_seconds_bucket{verb="PATCH",le="5"}': growing(60),
      'walras_api_request_seconds_bucket{verb="PATCH",le="+Inf"}': growing(60),
    },
    quiet: {
      'walras_api_request_seconds_bucket{verb="PATCH",le="1"}': growing(60),
      'walras_api_request_seconds_bucket{verb="PATCH",le="+Inf"}': growing(60),
    },
    after: 25,
  },
  WalrasWatchFails: {
    fires: { 'walras_watch_restarts_total{resource="pods",reason="failed"}': growing(1) },
    quiet: { 'walras_watch_restarts_total{resource="pods",reason="ended"}': growing(1) },
    after: 20,
  },
  WalrasViewDiverges: {
    fires: { 'walras_cache_divergence_total{resource="pods"}': firstAfter(70) },
    quiet: { 'walras_cache_divergence_total{resource="pods"}': constant(3) },
    after: 75,
  },
  WalrasLoopFails: {
    fires: { 'walras_loop_failures_total{loop="round"}': growing(1) },
    quiet: { 'walras_loop_failures_total{loop="round"}': constant(9) },
    after: 15,
  },
  WalrasEventLoopStalls: {
    fires: { walras_event_loop_delay_p99_seconds: constant(0.8) },
    quiet: { walras_event_loop_delay_p99_seconds: constant(0.05) },
    after: 8,
  },
  // promtool's clock begins at 0.
  WalrasCertificateEnds: {
    fires: { 'walras_tls_certificate_expiry_seconds{pod="a"}': constant(86_400) },
    quiet: {
      'walras_tls_certificate_expiry_seconds{pod="a"}': constant(864_000),
      'walras_tls_certificate_expiry_seconds{pod="b"}': constant(0),
    },
    after: 65,
  },
  WalrasConfigurationRefused: {
    fires: { 'walras_config_reloads_total{outcome="refused"}': firstAfter(20) },
    quiet: { 'walras_config_reloads_total{outcome="taken"}': growing(1) },
    after: 25,
  },
  WalrasHistoryDropped: {
    fires: { walras_history_dropped_total: growing(1) },
    quiet: { walras_history_dropped_total: constant(4) },
    after: 20,
  },
  WalrasRoundsFail: {
    fires: { walras_round_failures_total: growing(1) },
    quiet: { walras_round_failures_total: constant(4) },
    after: 15,
  },
  WalrasResizesRefused: {
    fires: {
      'walras_resize_refusals_total{reason="Infeasible"}': growing(60),
      'walras_resizes_total{direction="up"}': growing(60),
    },
    quiet: {
      'walras_resize_refusals_total{reason="Infeasible"}': growing(1),
      'walras_resizes_total{direction="up"}': growing(60),
    },
    after: 40,
  },
  WalrasReactionSlow: {
    fires: {
      'walras_reaction_seconds_bucket{le="5"}': growing(0),
      'walras_reaction_seconds_bucket{le="10"}': growing(60),
      'walras_reaction_seconds_bucket{le="+Inf"}': growing(60),
    },
    quiet: {
      'walras_reaction_seconds_bucket{le="5"}': growing(60),
      'walras_reaction_seconds_bucket{le="+Inf"}': growing(60),
    },
    after: 40,
  },
  WalrasNodesUsedUp: {
    fires: {
      'walras_rounds_total{mode="congested"}': growing(60),
      'walras_rounds_total{mode="uncongested"}': growing(30),
    },
    quiet: {
      'walras_rounds_total{mode="congested"}': growing(20),
      'walras_rounds_total{mode="uncongested"}': growing(30),
    },
    after: 80,
  },
  CarlaReleaseFailed: {
    fires: { 'carla_release_failures_total{reason="degraded"}': firstAfter(20) },
    quiet: { 'carla_release_failures_total{reason="degraded"}': constant(1) },
    after: 25,
  },
  CarlaConfigurationRefused: {
    fires: { carla_config_errors_total: growing(1) },
    quiet: { carla_config_errors_total: constant(2) },
    after: 20,
  },
  CarlaHeadroomUnknown: {
    fires: { 'carla_headroom_ratio{pod="a"}': unknown, 'carla_headroom_ratio{pod="b"}': unknown },
    quiet: { 'carla_headroom_ratio{pod="a"}': constant(0), 'carla_headroom_ratio{pod="b"}': unknown },
    after: 20,
  },
  BatchSlotsUnknown: {
    fires: { 'available_node_count_30s{pod="a"}': unknown },
    quiet: { 'available_node_count_30s{pod="a"}': constant(0), 'available_node_count_30s{pod="b"}': unknown },
    after: 15,
  },
  BatchJobsStranded: {
    fires: { walras_batch_jobs_stranded: constant(2) },
    quiet: { walras_batch_jobs_stranded: constant(0) },
    after: 20,
  },
  ScalerCallsFail: {
    fires: {
      'walras_scaler_calls_total{method="IsActive",code="UNAVAILABLE"}': growing(10),
      'walras_scaler_calls_total{method="IsActive",code="OK"}': growing(60),
    },
    quiet: {
      'walras_scaler_calls_total{method="IsActive",code="UNAVAILABLE"}': growing(1),
      'walras_scaler_calls_total{method="IsActive",code="OK"}': growing(60),
    },
    after: 25,
  },
  GpuPodsWait: {
    fires: { 'walras_gpu_pending_pods{queue="active"}': constant(1) },
    quiet: { 'walras_gpu_pending_pods{queue="active"}': constant(0) },
    after: 40,
  },
  GpuDrift: {
    fires: { walras_gpu_drifted_pods: constant(1) },
    quiet: { walras_gpu_drifted_pods: constant(0) },
    after: 8,
  },
  GpuUnhealthy: {
    fires: {
      'walras_gpu_healthy{node="n1",gpu="0"}': constant(1),
      'walras_gpu_healthy{node="n1",gpu="1"}': constant(0),
    },
    quiet: {
      'walras_gpu_healthy{node="n1",gpu="0"}': constant(1),
      'walras_gpu_healthy{node="n1",gpu="1"}': constant(1),
    },
    after: 8,
  },
  GpuWebhookCertificateExpires: {
    fires: { walras_gpu_admission_certificate_expiry_seconds: constant(86_400) },
    quiet: {
      'walras_gpu_admission_certificate_expiry_seconds{pod="a"}': constant(864_000),
      'walras_gpu_admission_certificate_expiry_seconds{pod="b"}': constant(0),
    },
    after: 65,
  },
  IntentQueriesFail: {
    fires: {
      'walras_intents_queries_total{outcome="failed"}': growing(30),
      'walras_intents_queries_total{outcome="value"}': growing(60),
    },
    quiet: {
      'walras_intents_queries_total{outcome="failed"}': growing(1),
      'walras_intents_queries_total{outcome="value"}': growing(60),
    },
    after: 40,
  },
  IntentActuatorsFail: {
    fires: {
      'walras_intents_plugin_calls_total{plugin="scaleOut",outcome="failed"}': growing(30),
      'walras_intents_plugin_calls_total{plugin="scaleOut",outcome="done"}': growing(60),
    },
    quiet: {
      'walras_intents_plugin_calls_total{plugin="scaleOut",outcome="failed"}': growing(1),
      'walras_intents_plugin_calls_total{plugin="scaleOut",outcome="done"}': growing(60),
    },
    after: 40,
  },
  IntentKnowledgeLost: {
    fires: { walras_intents_unrecorded_total: growing(1) },
    quiet: { walras_intents_unrecorded_total: constant(2) },
    after: 20,
  },
};

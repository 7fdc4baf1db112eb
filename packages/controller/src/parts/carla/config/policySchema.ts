import { z } from "zod";

import { flag, httpUrl, listOf, moment, notNegative, numeric, positive, share, text } from "./fields.ts";
import { policyWindowsSchema } from "./windowsSchema.ts";

/** Access, storage, entrances, and what reaches over the whole cluster. */
const sensitiveKinds = [
  "APIService",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "Gateway",
  "Ingress",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "NetworkPolicy",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "PriorityClass",
  "Role",
  "RoleBinding",
  "Secret",
  "ServiceAccount",
  "StatefulSet",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingWebhookConfiguration",
];

/** node_exporter's, as shares of the whole cluster. */
const cpuQuery =
  '1 - sum(rate(node_cpu_seconds_total{mode=~"idle|iowait"}[2m])) / sum(rate(node_cpu_seconds_total[2m]))';
const memoryQuery = "1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)";

const levels = {
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  critical: "error",
} as const;

const logLevel = z
  .string()
  .toLowerCase()
  .pipe(z.enum(["debug", "info", "warn", "warning", "error", "critical"]))
  .transform((level) => levels[level]);

const thresholds = z.object({
  cpu_watermark: share.default(0.65),
  ram_watermark: share.default(0.7),
  min_headroom: numeric(z.number().min(-1).max(1)).default(0.2),
});

const weights = z.object({
  alpha_depth: notNegative.default(1),
  beta_invres: notNegative.default(1),
  gamma_risk: notNegative.default(1.5),
  delta_window: notNegative.default(1),
  epsilon_wait: notNegative.default(0.1),
});

const humanInTheLoop = z.object({
  pause_high_risk: flag.default(true),
  consecutive_low_headroom_to_pause: numeric(z.int().positive()).default(3),
  manual_override_minutes: notNegative.default(45),
});

const tick = z.object({
  seconds: numeric(z.number().positive().max(86_400)).default(30),
  max_parallel_triggers: numeric(z.int().min(0)).default(2),
  starvation_hours: notNegative.default(24),
});

const risk = z.object({
  high: notNegative.default(2),
  large_diff: notNegative.default(0.5),
  large_diff_fields: positive.default(200),
  sensitive_kind: notNegative.default(0.5),
  sensitive_kinds: listOf(text).default(sensitiveKinds),
  failure: notNegative.default(0.5),
  failure_half_life_hours: positive.default(84),
  most_added: notNegative.default(1.5),
});

const rollout = z.object({
  timeout_seconds: positive.default(1800),
  healthy_hold_seconds: notNegative.default(10),
  degraded_grace_seconds: notNegative.default(60),
  rollback: flag.default(false),
  prune: flag.default(false),
  backoff_first_seconds: positive.default(60),
  backoff_max_seconds: positive.default(3600),
});

const argo = z.object({
  base_url: httpUrl.optional(),
  token_env: text.default("ARGO_TOKEN"),
  token_file: text.optional(),
  verify_tls: flag.default(true),
  ca_file: text.optional(),
  app_namespace: text.default("argocd"),
  pin_revision: flag.default(true),
});

const telemetry = z.object({
  prefer_k8s_metrics_api: flag.default(true),
  prometheus_url: httpUrl.optional(),
  prometheus_token_file: text.optional(),
  prometheus_ca_file: text.optional(),
  cpu_query: text.default(cpuQuery),
  memory_query: text.default(memoryQuery),
});

const logging = z.object({
  decisions_csv: text.default("/data/carla_runs/decisions.csv"),
  rollouts_csv: text.default("/data/carla_runs/rollouts.csv"),
  level: logLevel.default("info"),
});

/** Moments without a zone are of windows.timezone. Without `from` it has begun, without `until` it lasts. */
const freeze = z.object({
  from: moment.optional(),
  until: moment.optional(),
  except: listOf(text).default([]),
  in_flight: z.enum(["continue", "end"]).default("continue"),
  reason: text.default("carla_policy.yaml"),
});

const budget = z.object({
  name: text,
  selector: z.record(z.string(), text).default({}),
  cluster: text.optional(),
  maxParallel: numeric(z.int().min(0)).optional(),
  rmax: notNegative.optional(),
});

/** carla_policy.yaml: the keys and the values of the prototype, and then ours. */
export const policySchema = z.object({
  thresholds: thresholds.prefault({}),
  resources: z.object({ Rmax: positive.default(6) }).prefault({}),
  weights: weights.prefault({}),
  ema: z.object({ rollout_alpha: share.default(0.2) }).prefault({}),
  windows: policyWindowsSchema.prefault({}),
  human_in_the_loop: humanInTheLoop.prefault({}),
  tick: tick.prefault({}),
  risk: risk.prefault({}),
  freeze: listOf(freeze).default([]),
  budgets: listOf(budget).default([]),
  rollout: rollout.prefault({}),
  argo: argo.prefault({}),
  headroom: z.enum(["measure", "assume"]).default("measure"),
  telemetry: telemetry.prefault({}),
  logging: logging.prefault({}),
  notes: z.unknown().optional(),
});

export type RawPolicy = z.output<typeof policySchema>;

import type { Calendar } from "../calendar/calendar.ts";
import { at, type CalendarSource, calendarOf } from "./buildCalendar.ts";
import { camelCased, present } from "./fields.ts";
import { freezesFrom } from "./freezes.ts";
import type {
  ArgoPolicy,
  Budget,
  ReleasePolicy,
  RiskPolicy,
  RolloutPolicy,
  TelemetryPolicy,
  Weights,
} from "./policy.ts";
import type { RawPolicy } from "./policySchema.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** The policy, and the calendars of its clinics by name. */
export interface PolicyAndClinics {
  readonly policy: ReleasePolicy;
  readonly clinics: ReadonlyMap<string, Calendar>;
}

/** The policy that a checked file states. */
export function policyFrom(raw: RawPolicy, source: CalendarSource): PolicyAndClinics {
  const { allow, block, holidays, timezone } = raw.windows;
  const calendar = calendarOf({ allow, block, holidays, timezone }, null, at(source, "windows"));
  const policy: ReleasePolicy = {
    ...limitsFrom(raw),
    weights: weightsFrom(raw.weights),
    rolloutAlpha: raw.ema.rollout_alpha,
    calendar,
    pauseHighRisk: raw.human_in_the_loop.pause_high_risk,
    lowHeadroomTicksToPause: raw.human_in_the_loop.consecutive_low_headroom_to_pause,
    overrideMs: raw.human_in_the_loop.manual_override_minutes * minuteMs,
    tickMs: raw.tick.seconds * secondMs,
    starvationMs: raw.tick.starvation_hours * hourMs,
    risk: riskFrom(raw.risk),
    rollout: rolloutFrom(raw.rollout),
    argo: argoFrom(raw.argo),
    telemetry: telemetryFrom(raw),
    decisionsCsv: raw.logging.decisions_csv,
    rolloutsCsv: raw.logging.rollouts_csv,
    budgets: budgetsFrom(raw.budgets, source),
    freezes: freezesFrom(raw.freeze, calendar.zone),
    logLevel: raw.logging.level,
  };
  if (policy.maxParallel === 0) source.file.warn(["tick", "max_parallel_triggers"], "releases nothing, ever");
  if (policy.telemetry.isAssumed)
    source.file.warn(["headroom"], "measures nothing: releases go on however full the cluster is");
  for (const key of ["prometheus_token_file", "prometheus_ca_file"] as const) {
    if (policy.telemetry.prometheus === null && raw.telemetry[key] !== undefined)
      source.file.complain(["telemetry", key], "goes with prometheus_url");
  }
  return { policy, clinics: clinicsFrom(raw, calendar, source) };
}

function clinicsFrom(raw: RawPolicy, calendar: Calendar, source: CalendarSource): Map<string, Calendar> {
  const clinics = Object.entries(raw.windows.clinics);
  return new Map(
    clinics.map(([name, section]) => [
      name,
      calendarOf(section ?? {}, calendar, at(source, "windows", "clinics", name)),
    ]),
  );
}

function budgetsFrom(raw: RawPolicy["budgets"], { file }: CalendarSource): Budget[] {
  const seen = new Set<string>();
  return present(raw).map(({ item: { name, selector, cluster = null, maxParallel = null, rmax = null }, index }) => {
    if (seen.has(name)) file.complain(["budgets", index, "name"], "is the name of another budget too");
    if (maxParallel === null && rmax === null) file.complain(["budgets", index], "limits neither maxParallel nor rmax");
    seen.add(name);
    return { name, selector, cluster, maxParallel, rmax };
  });
}

function limitsFrom({
  thresholds,
  resources,
  tick,
}: RawPolicy): Pick<ReleasePolicy, "cpuWatermark" | "memoryWatermark" | "minHeadroom" | "rmax" | "maxParallel"> {
  return {
    cpuWatermark: thresholds.cpu_watermark,
    memoryWatermark: thresholds.ram_watermark,
    minHeadroom: thresholds.min_headroom,
    rmax: resources.Rmax,
    maxParallel: tick.max_parallel_triggers,
  };
}

function weightsFrom(raw: RawPolicy["weights"]): Weights {
  return {
    alphaDepth: raw.alpha_depth,
    betaInverseResource: raw.beta_invres,
    gammaRisk: raw.gamma_risk,
    deltaWindow: raw.delta_window,
    waitPerHour: raw.epsilon_wait,
  };
}

function riskFrom(raw: RawPolicy["risk"]): RiskPolicy {
  return { ...camelCased(raw), sensitiveKinds: new Set(present(raw.sensitive_kinds).map(({ item }) => item)) };
}

function rolloutFrom(raw: RawPolicy["rollout"]): RolloutPolicy {
  return {
    timeoutMs: raw.timeout_seconds * secondMs,
    healthyHoldMs: raw.healthy_hold_seconds * secondMs,
    degradedGraceMs: raw.degraded_grace_seconds * secondMs,
    rollback: raw.rollback,
    prune: raw.prune,
    backoffFirstMs: raw.backoff_first_seconds * secondMs,
    backoffMaxMs: raw.backoff_max_seconds * secondMs,
  };
}

function argoFrom(raw: RawPolicy["argo"]): ArgoPolicy {
  return {
    ...camelCased(raw),
    baseUrl: raw.base_url ?? "",
    tokenFile: raw.token_file ?? null,
    caFile: raw.ca_file ?? null,
  };
}

function telemetryFrom({ headroom, telemetry: raw }: RawPolicy): TelemetryPolicy {
  return {
    isAssumed: headroom === "assume",
    preferMetricsApi: raw.prefer_k8s_metrics_api,
    prometheus: prometheusOf(raw),
    cpuQuery: raw.cpu_query,
    memoryQuery: raw.memory_query,
  };
}

function prometheusOf(raw: RawPolicy["telemetry"]): TelemetryPolicy["prometheus"] {
  const { prometheus_url: url, prometheus_token_file: tokenFile, prometheus_ca_file: caFile } = raw;
  return url === undefined ? null : { url, tokenFile, caFile };
}

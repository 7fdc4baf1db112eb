/** The prototype's files: its keys, their order and values, in its style of YAML. */
export const shippedPolicy = `thresholds:
  cpu_watermark: 0.65        # of allocatable
  ram_watermark: 0.70
  min_headroom: 0.20

resources:
  Rmax: 6.0

weights:
  alpha_depth: 1.0
  beta_invres: 1.0
  gamma_risk: 1.5
  delta_window: 1.0

ema:
  rollout_alpha: 0.2

windows:
  timezone: "Europe/Bucharest"
  allow:
    - { day: WEEKDAY, start: "20:00", end: "07:00" }
    - { day: WEEKEND, start: "00:00", end: "23:59" }
  block: [ ]

human_in_the_loop:
  pause_high_risk: true
  consecutive_low_headroom_to_pause: 3
  manual_override_minutes: 45

tick:
  seconds: 30
  max_parallel_triggers: 2

argo:
  base_url: "https://ARGOCD.DOMAIN"
  token_env: "ARGO_TOKEN"
  verify_tls: true

telemetry:
  prefer_k8s_metrics_api: true
  # nothing else

logging:
  decisions_csv: "/data/carla_runs/decisions.csv"
  rollouts_csv:  "/data/carla_runs/rollouts.csv"
  level: "INFO"
`;

/** Beside the policy; the chart's copy has empty lists of revisions. */
export function shippedApps(revisions: string): string {
  return `apps:
  - name: "metallb"
    r_i: 1.0
    d_i: 0
    risk: 0
    toggleRevisions: ${revisions}

  - name: "grafana-lgtm"  # an umbrella
    r_i: 4.5
    d_i: 2
    risk: 1
    toggleRevisions: ${revisions}

  - name: "onco-app"
    r_i: 3.0
    d_i: 2
    risk: 1
    toggleRevisions: ${revisions}

  - name: "grafana-dashboards"
    r_i: 1.0
    d_i: 1
    risk: 0
    toggleRevisions: ${revisions}

defaults:
  r_i: 1.5
  d_i: 1
  risk: 1

notes:
  # only comments
`;
}

import type { Calendar } from "../calendar/calendar.ts";

/** How the prototype weighs an application; the last one is ours. */
export interface Weights {
  readonly alphaDepth: number;
  readonly betaInverseResource: number;
  readonly gammaRisk: number;
  readonly deltaWindow: number;
  /** Score gained per hour of waiting, so that nothing waits for ever. */
  readonly waitPerHour: number;
}

/** What a change adds to an application's configured risk. */
export interface RiskPolicy {
  /** From here on a release needs an approval. */
  readonly high: number;
  /** Most that a large diff adds, reached at `largeDiffFields` changed fields. */
  readonly largeDiff: number;
  readonly largeDiffFields: number;
  /** Added when a sensitive kind is touched. */
  readonly sensitiveKind: number;
  readonly sensitiveKinds: ReadonlySet<string>;
  /** Added for each failure in memory, halved each `failureHalfLifeHours`. */
  readonly failure: number;
  readonly failureHalfLifeHours: number;
  /** Most that all of these add together. */
  readonly mostAdded: number;
}

/** What releases of some applications may take together, beside Rmax and the number in parallel. */
export interface Budget {
  readonly name: string;
  /** Labels that the Application must have; none: all have them. */
  readonly selector: Readonly<Record<string, string>>;
  /** Name or address of the destination; "*": each cluster has a budget of its own. null: wherever. */
  readonly cluster: string | null;
  /** null: as many as the policy allows. */
  readonly maxParallel: number | null;
  readonly rmax: number | null;
}

/** Nothing new is released from one moment until another, whatever the windows say. */
export interface Freeze {
  readonly fromMs: number;
  /** null: until somebody lifts it. */
  readonly untilMs: number | null;
  /** Applications that are released all the same: names, or "namespace/name". */
  readonly except: ReadonlySet<string>;
  /** What is in flight goes on, or is ended. */
  readonly inFlight: "continue" | "end";
  /** Whose it is and what for, for people. */
  readonly by: string;
}

/** How a release is followed until it is done. */
export interface RolloutPolicy {
  /** Of applications that do not say: whether releases delete what is no longer wanted. */
  readonly prune: boolean;
  readonly timeoutMs: number;
  /** Healthy for this long without a break is healthy. */
  readonly healthyHoldMs: number;
  /** Degraded for this long without a break is failed. */
  readonly degradedGraceMs: number;
  readonly rollback: boolean;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
}

/** Where Argo CD is. */
export interface ArgoPolicy {
  readonly baseUrl: string;
  /** The variable that holds the token, where there is no file. */
  readonly tokenEnv: string;
  readonly tokenFile: string | null;
  readonly verifyTls: boolean;
  readonly caFile: string | null;
  /** Namespace of Applications that do not name one. */
  readonly appNamespace: string;
  /** Sync the revision that was assessed, not whatever is newest by then. */
  readonly pinRevision: boolean;
}

/** Where a Prometheus is, and how it is asked. */
interface PrometheusPolicy {
  readonly url: string;
  /** Of a bearer token. */
  readonly tokenFile?: string | undefined;
  /** Of the authorities that may have signed its certificate. */
  readonly caFile?: string | undefined;
}

/** Where load is read when no agents report. */
export interface TelemetryPolicy {
  /** Nobody is asked: it is taken to be as full as the prototype took it to be. */
  readonly isAssumed: boolean;
  readonly preferMetricsApi: boolean;
  readonly prometheus: PrometheusPolicy | null;
  readonly cpuQuery: string;
  readonly memoryQuery: string;
}

/** carla_policy.yaml, checked, with everything filled in. */
export interface ReleasePolicy {
  readonly cpuWatermark: number;
  readonly memoryWatermark: number;
  readonly minHeadroom: number;
  /** Sum of r (cores + 0.1·GiB) that may be in flight together. */
  readonly rmax: number;
  readonly maxParallel: number;
  readonly weights: Weights;
  /** Weight of the newest duration in the moving average (0, 1]. */
  readonly rolloutAlpha: number;
  /** When releases are allowed where neither clinic nor application says otherwise. */
  readonly calendar: Calendar;
  readonly pauseHighRisk: boolean;
  readonly lowHeadroomTicksToPause: number;
  readonly overrideMs: number;
  readonly tickMs: number;
  /** Whoever waits longer has room kept free for it. */
  readonly starvationMs: number;
  readonly risk: RiskPolicy;
  readonly rollout: RolloutPolicy;
  readonly argo: ArgoPolicy;
  readonly telemetry: TelemetryPolicy;
  readonly decisionsCsv: string;
  readonly rolloutsCsv: string;
  readonly freezes: readonly Freeze[];
  readonly budgets: readonly Budget[];
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** One application of apps.yaml, checked, defaults filled in. */
export interface AppPolicy {
  /** The Application's; "namespace/name" where several here have that name. */
  readonly name: string;
  /** Of the Application object; null: the policy's. */
  readonly namespace: string | null;
  /** Resource proxy: cores + 0.1·GiB. */
  readonly r: number;
  /** Dependency depth; weighs the score and orders nothing. */
  readonly depth: number;
  /** 0 low, 1 medium, 2 high. */
  readonly risk: number;
  /** In [0, 1], instead of 1 inside the window. */
  readonly windowFit: number | null;
  /** Released only when these are synced and healthy; names as above. */
  readonly dependsOn: readonly string[];
  /** Its releases delete what is no longer wanted. */
  readonly prune: boolean;
  readonly calendar: Calendar;
}

/** Both files together. */
export interface ReleaseConfig {
  readonly policy: ReleasePolicy;
  readonly apps: readonly AppPolicy[];
  /** Unknown keys and other things that are probably not meant. */
  readonly warnings: readonly string[];
}

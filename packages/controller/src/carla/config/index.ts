export { readOverride } from "./override.ts";
export type {
  AppPolicy,
  ArgoPolicy,
  ReleaseConfig,
  ReleasePolicy,
  RiskPolicy,
  RolloutPolicy,
  TelemetryPolicy,
  Weights,
} from "./policy.ts";
export { type Problem, ReleaseConfigError } from "./problems.ts";
export { type ReadOptions, readReleaseConfig, type ReleaseConfigFiles } from "./read.ts";
export { ConfigWatcher, type ConfigWatcherOptions } from "./watcher.ts";

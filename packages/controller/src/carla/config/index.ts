export { readOverride } from "./override.ts";
export type { AppPolicy, ReleaseConfig, ReleasePolicy } from "./policy.ts";
export { ReleaseConfigError } from "./problems.ts";
export { readReleaseConfig } from "./read.ts";
export { ConfigWatcher } from "./watcher.ts";

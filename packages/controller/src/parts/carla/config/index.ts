export type { AppPolicy, ReleaseConfig, ReleasePolicy } from "./policy.ts";
export { ReleaseConfigError } from "./problems.ts";
export { readReleaseConfig } from "./read.ts";

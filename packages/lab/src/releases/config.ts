import { type AppPolicy, readReleaseConfig, type ReleasePolicy } from "@walras/controller/carla";

/** Files to compare rules under. What is not given is as the controller fills it in. */
export interface LabFiles {
  readonly policyFile?: string | undefined;
  /** undefined: applications are drawn. */
  readonly appsFile?: string | undefined;
  /** A file's text; throws where there is none. */
  readonly readText: (file: string) => string;
}

export interface LabConfig {
  readonly policy: ReleasePolicy;
  readonly apps: readonly AppPolicy[] | undefined;
  readonly warnings: readonly string[];
}

const absent = "(built in)";
/** Holidays are known for the years around it. */
const today = "2026-02-02";

/** @throws ReleaseConfigError */
export function readLabConfig({ policyFile = absent, appsFile = absent, readText }: LabFiles): LabConfig {
  const { policy, apps, warnings } = readReleaseConfig(
    { policyFile, appsFile },
    { readText: (file) => (file === absent ? "{}" : readText(file)), requireArgo: false, today },
  );
  return {
    policy,
    apps: appsFile === absent ? undefined : apps,
    warnings: warnings.filter((warning) => !warning.startsWith(absent)),
  };
}

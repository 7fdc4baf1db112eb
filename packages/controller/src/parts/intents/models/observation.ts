import type { Observation } from "./learn.ts";
import { cpuOf } from "./resources.ts";

/** What was recorded of a workload at one moment. */
export interface Recorded {
  /** KPIs by profile; the prototype writes −1 where nothing was measured. */
  readonly current: Readonly<Record<string, number>>;
  readonly pods: Readonly<Record<string, { readonly state: string }>>;
  /** `<container>_<resource>_<requests|limits>` in milli-units. */
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * A row to learn from.
 *
 * @param load the profile of the throughput; undefined: there is none
 * @returns null where the latency was not measured
 */
export function observationOf(
  { current, pods, resources }: Recorded,
  { latency: profile, load }: { readonly latency: string; readonly load: string | undefined },
): Observation | null {
  const known = (key: string): number | null => {
    const value = current[key] ?? NaN;
    return value >= 0 ? value : null;
  };
  const latency = known(profile);
  if (latency === null) return null;
  return {
    latency,
    load: load === undefined ? null : known(load),
    replicas: Object.values(pods).filter(({ state }) => state === "Running").length,
    cpuMilli: cpuOf(new Map(Object.entries(resources))).cpuMilli,
  };
}

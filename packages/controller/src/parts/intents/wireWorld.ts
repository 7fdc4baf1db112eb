import { EndpointAccess } from "./measure/access.ts";
import { Asking } from "./measure/asked.ts";
import { HostMetrics } from "./measure/hosts.ts";
import { KpiMeter } from "./measure/kpis.ts";
import type { Needs, World } from "./needs.ts";
import { StoreObserver } from "./observe/observer.ts";
import { ProfileBook } from "./observe/profiles.ts";

/** Prometheus may take this long for one query, and a round this long for all. */
const queryTimeoutMs = 5_000;
const mostQueriesAtATime = 8;

export function wireWorld({ flags, config, stores, metrics, around }: Needs): World {
  const { controller, planner } = config.planner;
  const { telemetry_endpoint: telemetryEndpoint, host_field: hostField } = controller;
  const { stale_after: staleAfterSeconds } = planner.stability;
  const access = new EndpointAccess({
    telemetryEndpoint,
    queries: config.queries,
    allowedHosts: flags.intentsAllowedHosts,
    tokenFile: flags.intentsTokenFile,
    caFile: flags.intentsCaFile,
    staleAfterSeconds,
  });
  const counted = (outcome: string): void => metrics.queries.inc({ outcome });
  const asking = new Asking({ ...around, clients: access, staleAfterSeconds, timeoutMs: queryTimeoutMs, counted });
  const hosts = new HostMetrics({
    ...around,
    metrics: controller.metrics,
    hostField,
    endpoint: telemetryEndpoint,
    staleAfterSeconds,
    asking,
  });
  const isAllowed = (endpoint: string): boolean => access.isAllowed(endpoint);
  const profiles = new ProfileBook(stores.profiles, { queries: config.queries, telemetryEndpoint, isAllowed });
  const roundMs = (controller.controller_timeout * 1000) / 2;
  const monotonicMs = (): number => around.clock.monotonicMs();
  return {
    observer: new StoreObserver({ stores, profiles, hosts }),
    profiles,
    meter: new KpiMeter({ ways: profiles, asking, hosts, mostAtATime: mostQueriesAtATime, roundMs, monotonicMs }),
  };
}

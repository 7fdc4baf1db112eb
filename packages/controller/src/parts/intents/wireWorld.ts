import { EndpointAccess } from "./measure/access.ts";
import { Asking } from "./measure/asked.ts";
import { AgentDemand } from "./measure/demand.ts";
import { HostMetrics } from "./measure/hosts.ts";
import { KpiMeter, type MeterOptions } from "./measure/kpis.ts";
import type { Needs, World } from "./needs.ts";
import { StoreObserver } from "./observe/observer.ts";
import { ProfileBook } from "./observe/profiles.ts";

/** Prometheus may take this long for one query, and a round this long for all. */
const queryTimeoutMs = 5_000;
const mostQueriesAtATime = 8;

export function wireWorld({ flags, config, stores, metrics, around, base }: Needs): World {
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
  const { queries } = config;
  const hasAgents = base.telemetry !== undefined;
  const profiles = new ProfileBook(stores.profiles, { queries, telemetryEndpoint, isAllowed, hasAgents });
  const observer = new StoreObserver({ stores, profiles, hosts });
  return {
    observer,
    targetOf: (seen) => observer.targetOf(seen),
    profiles,
    meter: wireMeter({ config, stores, around, base }, { ways: profiles, asking, hosts }),
  };
}

function wireMeter(
  { config, stores, around, base }: Pick<Needs, "config" | "stores" | "around" | "base">,
  means: Pick<MeterOptions, "ways" | "asking" | "hosts">,
): KpiMeter {
  const { controller, planner } = config.planner;
  const monotonicMs = (): number => around.clock.monotonicMs();
  const agents = base.telemetry && { ledger: base.telemetry.ledger, pods: stores.podsByNode };
  const demand =
    agents && new AgentDemand({ ...agents, staleAfterSeconds: planner.stability.stale_after, monotonicMs });
  const roundMs = (controller.controller_timeout * 1000) / 2;
  return new KpiMeter({ ...means, demand, mostAtATime: mostQueriesAtATime, roundMs, monotonicMs });
}

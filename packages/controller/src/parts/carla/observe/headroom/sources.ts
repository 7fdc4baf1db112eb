import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { PrometheusClient } from "../../../../base/telemetry/prometheus.ts";
import type { TelemetryPolicy } from "../../config/policy.ts";
import { ledgerSource, type LedgerSourceOptions } from "./ledgerSource.ts";
import { metricsApiSource } from "./metricsApiSource.ts";
import { prometheusSource } from "./prometheusSource.ts";
import type { UsageSource } from "./source.ts";

/** The prototype's numbers, whatever the cluster has: with its thresholds a headroom of 0.286. */
const assumed: UsageSource = {
  name: "assumption",
  read: () => ({ cpu: 0.4, memory: 0.5, detail: "assumed, not measured" }),
};

/** Who could know how full the cluster is, freshest first. */
export function usageSources(from: {
  readonly agents: Omit<LedgerSourceOptions, "clock"> | undefined;
  readonly transport: KubeTransport | undefined;
  readonly telemetry: TelemetryPolicy;
  readonly clock: Clock;
}): readonly UsageSource[] {
  const { agents, transport, telemetry, clock } = from;
  if (telemetry.isAssumed) return [assumed];
  const { preferMetricsApi, prometheus, cpuQuery, memoryQuery } = telemetry;
  const live = agents ? [ledgerSource({ ...agents, clock })] : [];
  // Agents know all that a metrics server does, and sooner; only CARLA by itself has the right to ask one.
  const api = transport && !agents ? [metricsApiSource(transport, clock)] : [];
  const queries = { cpu: cpuQuery, memory: memoryQuery };
  const queried = prometheus === null ? [] : [prometheusSource(new PrometheusClient(prometheus), queries)];
  return preferMetricsApi ? [...live, ...api, ...queried] : [...live, ...queried, ...api];
}

import type { Runnable } from "@walras/kit";

import { PrometheusClient } from "../../base/telemetry/prometheus.ts";
import { agentTelemetry } from "./observe/cpu/agents.ts";
import { controllerCpu } from "./observe/cpu/controller.ts";
import { type CpuSource, PolledTelemetry } from "./observe/cpu/polled.ts";
import { defaultCpuQuery, prometheusCpu } from "./observe/cpu/prometheus.ts";
import type { BatchJob } from "./observe/cluster/job.ts";
import { completionsOf, type Runs } from "./observe/cluster/runs.ts";
import type { BatchStores } from "./observe/cluster/stores.ts";
import { allowedHosts } from "./observe/demand/allowed.ts";
import { connectMqtt } from "./observe/demand/mqttClient.ts";
import { DemandSources, type DemandSourcesOptions } from "./observe/demand/sources.ts";
import type { ScaledRef } from "./decide/asker.ts";
import { NotKnown } from "./decide/notKnown.ts";
import type { BatchFlags } from "./flags.ts";
import type { SlotDemand, SlotTelemetry } from "./slots/ports.ts";
import type { Needs } from "./needs.ts";

/** Where the CPU of nodes is known from. */
export function wireTelemetry({ flags, around: { clock, logger }, base, stores }: Needs): {
  readonly telemetry: SlotTelemetry;
  readonly runnables: readonly Runnable[];
} {
  const source = cpuSource(flags);
  const ledger = base.telemetry?.ledger;
  if (source !== undefined) {
    const telemetry = new PolledTelemetry({ source, nodes: () => stores.nodes(), clock, logger });
    return { telemetry, runnables: [telemetry] };
  }
  if (!ledger) throw new Error("batch slots need agents, Prometheus or another controller");
  return { telemetry: agentTelemetry(ledger, clock), runnables: [] };
}

/** undefined: the agents that report to this process. */
function cpuSource(flags: BatchFlags): CpuSource | undefined {
  const { batchPrometheus, batchController } = flags;
  if (batchPrometheus !== undefined) return prometheusCpu(prometheusAt(batchPrometheus, flags), defaultCpuQuery);
  return batchController === undefined ? undefined : controllerCpu(batchController);
}

/** Our token is for the Prometheus of --batch-prometheus: triggers may name others. */
function prometheusAt(url: string, flags: BatchFlags): PrometheusClient {
  const { batchPrometheus, batchPrometheusTokenFile: tokenFile, batchPrometheusCaFile: caFile } = flags;
  const isOurs = batchPrometheus !== undefined && new URL(url).origin === new URL(batchPrometheus).origin;
  return new PrometheusClient(isOurs ? { url, tokenFile, caFile } : { url });
}

/** What a trigger's demand says, and no more runs than its completions. */
export function wireDemand(stores: BatchStores, sources: DemandSources, runs: Runs): SlotDemand {
  const left = (ref: ScaledRef): number => {
    const completions = completionsOf(ref);
    if (completions === null) return Infinity;
    const stale = stores.stale();
    // One that is recorded and not seen would be taken for one that has ended.
    if (stale.length > 0) throw new NotKnown(`not current: ${stale.join(", ")}`);
    const scaledJob = stores.scaledJobs.named(ref.namespace, ref.name);
    return scaledJob ? completions - runs.ended(scaledJob) : 0;
  };
  return {
    wanted: (ref) => Math.max(0, Math.min(left(ref), sources.wanted(ref))),
    scaling: ({ namespace, name }) => stores.scaledJobs.named(namespace, name)?.scaling,
  };
}

export function wireSources({ flags, around: { clock, logger }, stores }: Needs): DemandSources {
  const suspendedJobs: DemandSourcesOptions["suspendedJobs"] = (namespace, matches) => {
    if (stores.stale().length > 0) return null;
    const waits = ({ namespace: of, suspended, finished, labels }: BatchJob): boolean =>
      of === namespace && suspended && !finished && matches(labels);
    return [...stores.jobStore.values()].filter(waits).length;
  };
  const prometheus = (url: string): PrometheusClient => prometheusAt(url, flags);
  const { batchPrometheus, batchDemandHosts, batchDemandBrokers: allowedBrokers } = flags;
  return new DemandSources({
    suspendedJobs,
    prometheus,
    mqtt: connectMqtt,
    allowedHosts: allowedHosts(batchPrometheus, batchDemandHosts),
    ...(allowedBrokers && { allowedBrokers }),
    clock,
    logger,
  });
}

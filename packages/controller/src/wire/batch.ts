import type { Runnable } from "@walras/kit";

import type { BatchJob } from "../batch/cluster/job.ts";
import { completionsOf, FinishedRuns } from "../batch/cluster/runs.ts";
import { BatchStores } from "../batch/cluster/stores.ts";
import { connectMqtt } from "../batch/demand/mqttClient.ts";
import { DemandSources, type DemandSourcesOptions } from "../batch/demand/sources.ts";
import { tellEvicted, tellReleased } from "../batch/explain/events.ts";
import { GaugeLoop } from "../batch/explain/gauge.ts";
import { allowedView, eligibleView, lastView } from "../batch/explain/view.ts";
import { queuePort, QueueReleaser } from "../batch/queue/releaser.ts";
import { rankFree } from "../batch/rank/rank.ts";
import { Ranker, rankPort } from "../batch/rank/ranker.ts";
import { evictionPort, Reliever } from "../batch/relief/reliever.ts";
import { ScalerUnavailable, type SlotAnswers } from "../batch/scaler/port.ts";
import { ExternalScalerServer } from "../batch/scaler/server.ts";
import { metricSpecOf } from "../batch/scaler/trigger.ts";
import { type SlotDemand, SlotLedger, type SlotTelemetry } from "../batch/slots/ledger.ts";
import { defaultSlotPolicy, type SlotPolicy } from "../batch/slots/policy.ts";
import { agentTelemetry } from "../batch/telemetry/agents.ts";
import { controllerCpu } from "../batch/telemetry/controller.ts";
import { type CpuSource, PolledTelemetry } from "../batch/telemetry/polled.ts";
import { defaultCpuQuery, prometheusCpu } from "../batch/telemetry/prometheus.ts";
import type { ControllerConfig } from "../config.ts";
import { reflectorObserver } from "../ops/accessObservers.ts";
import { scalerObserver, setSlots } from "../ops/batchObservers.ts";
import { PrometheusClient } from "../prometheus/client.ts";
import type { Access } from "./access.ts";
import type { Part, Surroundings } from "./surroundings.ts";

type BatchAccess = Access & { readonly agents: boolean };

/** Batch slots: who may start a job now, and where there is room. */
export function wireBatch(config: ControllerConfig, around: Surroundings, access: BatchAccess): Part {
  const { clock } = around;
  const { metrics, transport } = access;
  const policy = slotPolicy(config);
  const [labelKey, labelValue] = keyAndValue(config.batchQueue);
  const stores = new BatchStores({
    ...around,
    transport,
    queue: { labelKey, labelValue },
    observer: reflectorObserver(metrics),
  });
  const { telemetry, runnables } = wireTelemetry(config, around, { ...access, stores });
  const sources = wireSources(around, stores);
  const demand = wireDemand(stores, sources);
  const slots = new SlotLedger({ view: stores, telemetry, demand, policy, clock });
  const known = (): boolean => stores.stale().length === 0 && telemetry.trouble() === null;
  const gauges = new GaugeLoop(clock, () =>
    setSlots(metrics, slots.slots(), known() ? slots.free() : null, slots.grants().length),
  );
  const server = wireServer(config, around, { ...access, slots, known });
  return {
    runnables: [
      ...stores.reflectors,
      ...runnables,
      sources,
      server,
      ...wireActors(config, around, { ...access, stores, slots, policy }),
      gauges,
    ],
    views: {
      "/eligible": () => eligibleView(slots.slots(), policy),
      "/allowed": () => allowedView(slots.slots(), known() ? slots.free() : 0, policy),
      "/last": () => lastView(slots.slots(), rankFree(slots.slots(), []), policy),
    },
    // A Service must lead to who leads; beside other parts readiness is not ours alone.
    notReady: () => [...stores.stale(), ...(config.parts.length > 1 || access.elector.leads() ? [] : ["the lease"])],
  };
}

function slotPolicy(config: ControllerConfig): SlotPolicy {
  const [key, value] = keyAndValue(config.batchEligible);
  return {
    ...defaultSlotPolicy,
    eligibleLabel: { key, value },
    cpuThreshold: config.batchThreshold,
    excluded: new Set(config.batchExclude),
    tolerations: config.batchTolerate.map((text) => {
      const [taint, of] = keyAndValue(text);
      return { key: taint, value: text.includes("=") ? of : undefined };
    }),
  };
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function wireTelemetry(
  config: ControllerConfig,
  { clock, logger }: Surroundings,
  { ledger, stores }: BatchAccess & { readonly stores: BatchStores },
): { readonly telemetry: SlotTelemetry; readonly runnables: readonly Runnable[] } {
  const source = cpuSource(config);
  if (source === undefined) return { telemetry: agentTelemetry(ledger, clock), runnables: [] };
  const telemetry = new PolledTelemetry({ source, nodes: () => stores.nodes(), clock, logger });
  return { telemetry, runnables: [telemetry] };
}

/** undefined: the agents that report to this process. */
function cpuSource({ batchPrometheus, batchController }: ControllerConfig): CpuSource | undefined {
  if (batchPrometheus !== undefined) return prometheusCpu(new PrometheusClient(batchPrometheus), defaultCpuQuery);
  return batchController === undefined ? undefined : controllerCpu(batchController);
}

/** What a trigger's demand says, and no more runs than its completions. */
function wireDemand(stores: BatchStores, sources: DemandSources): SlotDemand {
  const runs = new FinishedRuns(stores.jobStore);
  return {
    wanted: (ref) => {
      const made = stores.scaledJobs.named(ref.namespace, ref.name)?.uid;
      const left = (completionsOf(ref) ?? Infinity) - runs.count(`${ref.namespace}/${ref.name}`, made);
      return Math.max(0, Math.min(left, sources.wanted(ref)));
    },
    most: ({ namespace, name }) => stores.scaledJobs.named(namespace, name)?.most ?? 1,
  };
}

function wireSources({ clock, logger }: Surroundings, stores: BatchStores): DemandSources {
  const suspendedJobs: DemandSourcesOptions["suspendedJobs"] = (namespace, matches) => {
    if (stores.stale().length > 0) return null;
    const waits = ({ namespace: of, suspended, finished, labels }: BatchJob): boolean =>
      of === namespace && suspended && !finished && matches(labels);
    return [...stores.jobs()].filter(waits).length;
  };
  const prometheus = (url: string): PrometheusClient => new PrometheusClient(url);
  return new DemandSources({ suspendedJobs, prometheus, mqtt: connectMqtt, clock, logger });
}

function wireServer(
  config: ControllerConfig,
  { clock, logger }: Surroundings,
  { metrics, elector, slots, known }: BatchAccess & { readonly slots: SlotLedger; readonly known: () => boolean },
): ExternalScalerServer {
  const { batchAddress, batchTlsCert: certFile, batchTlsKey: keyFile, batchTlsClientCa: clientCaFile } = config;
  /** Two who grant the same slots would grant them twice; and KEDA divides by the target. */
  const answers: SlotAnswers = {
    poll: (ref) => {
      if (!elector.leads())
        throw new ScalerUnavailable("this replica does not lead: another does, or the API server is away");
      const { value, active } = slots.poll(ref);
      return { value: value * metricSpecOf(ref).targetSizeFloat, active };
    },
  };
  return new ExternalScalerServer({
    address: batchAddress,
    tls: certFile !== undefined && keyFile !== undefined ? { certFile, keyFile, clientCaFile } : undefined,
    answers,
    serving: () => elector.leads() && known(),
    clock,
    logger,
    observer: scalerObserver(metrics),
  });
}

/** Those who write: labels, releases, evictions. */
function wireActors(
  config: ControllerConfig,
  around: Surroundings,
  access: BatchAccess & { readonly stores: BatchStores; readonly slots: SlotLedger; readonly policy: SlotPolicy },
): readonly Runnable[] {
  const { transport, queue, elector, events, metrics, stores, slots, policy } = access;
  const common = { ...around, mayAct: (): boolean => elector.leads() && stores.stale().length === 0 };
  const ranker = new Ranker({
    ...common,
    slots: () => slots.slots(),
    labels: (node) => stores.nodeStore.named("", node)?.labels ?? {},
    port: rankPort(transport),
    enqueue: (write) => queue.enqueue(write),
  });
  const releaser = new QueueReleaser({
    ...common,
    ledger: slots,
    suspended: () => [...stores.jobs()].filter((job) => waitsInQueue(job, config.batchNamespace)),
    port: queuePort(transport),
    onReleased: (job) => {
      metrics.jobsReleased.inc();
      tellReleased(events, job);
    },
  });
  const reliever = new Reliever({
    ...common,
    slots: () => slots.slots(),
    pods: () => stores.pods(),
    policy: { cpuThreshold: policy.cpuThreshold, overloadMs: config.batchEvictAfter * 1000 },
    port: evictionPort(transport),
    onEvicted: (pod, node) => {
      metrics.jobsEvicted.inc();
      tellEvicted(events, pod, node);
    },
  });
  return [...(config.batchRank ? [ranker] : []), releaser, ...(config.batchEvict ? [reliever] : [])];
}

/** @param only the namespace whose Jobs are released; undefined: all of them */
function waitsInQueue({ queued, suspended, finished, namespace }: BatchJob, only: string | undefined): boolean {
  return queued && suspended && !finished && (only === undefined || only === namespace);
}

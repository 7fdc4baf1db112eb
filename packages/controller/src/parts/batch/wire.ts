import type { Runnable } from "@walras/kit";

import type { Part, PartContext } from "../part.ts";
import { NotKnown } from "./decide/notKnown.ts";
import { rankFree } from "./decide/rank.ts";
import { JobAnnouncer } from "./explain/events.ts";
import { batchVerdicts } from "./explain/verdicts.ts";
import { whyNone } from "./explain/whyNone.ts";
import { allowedView, eligibleView, lastView } from "./explain/view.ts";
import type { BatchFlags } from "./flags.ts";
import { batchMetrics, scalerObserver, setSlots } from "./metrics.ts";
import type { Needs } from "./needs.ts";
import { scaledJobRef } from "./observe/cluster/scaledJob.ts";
import { Runs } from "./observe/cluster/runs.ts";
import { BatchStores } from "./observe/cluster/stores.ts";
import { keyAndValue, slotPolicy } from "./policyOf.ts";
import type { SlotAnswers } from "./scaler/port.ts";
import { ExternalScalerServer } from "./scaler/server.ts";
import { metricSpecOf } from "./scaler/trigger.ts";
import { SlotAllocator } from "./slots/allocator.ts";
import type { StrandedJob } from "./slots/stranded.ts";
import { wireActors } from "./wireActors.ts";
import { wireDemand, wireSources, wireTelemetry } from "./wireObservers.ts";

const gaugesEveryMs = 5_000;

/** Batch slots: who may start a job now, and where there is room. */
export function wireBatch(flags: BatchFlags, { around, base, alone }: PartContext): Part {
  const { clock } = around;
  const metrics = batchMetrics(base.make, flags.metricName);
  const policy = slotPolicy(flags);
  const [labelKey, labelValue] = keyAndValue(flags.batchQueue);
  const scope = base.cluster.scope();
  const stores = new BatchStores(scope, { labelKey, labelValue });
  const announcer = new JobAnnouncer(base.teller("batch", "Scheduling", batchVerdicts));
  const runs = new Runs(stores.jobStore, stores.scaledJobs);
  const gate = base.gate(scope);
  const needs: Needs = { flags, around, base, metrics, policy, stores, runs, gate, announcer };
  const { telemetry, runnables } = wireTelemetry(needs);
  const sources = wireSources(needs);
  const demand = wireDemand(stores, sources, runs);
  const onGranted = (owner: string, count: number, free: number): void => {
    const scaledJob = stores.scaledJobOf(owner);
    if (scaledJob) announcer.granted(scaledJobRef(scaledJob), count, free);
  };
  const onStranded = ({ job, waitedMs, because }: StrandedJob): void => {
    const scaledJob = stores.scaledJobOf(job.owner);
    if (gate.mayAct()) announcer.stranded(job, scaledJob && scaledJobRef(scaledJob), { ms: waitedMs, because });
  };
  const slots = new SlotAllocator({ view: stores, telemetry, demand, policy, clock, onGranted, onStranded });
  stores.jobStore.onChange((change) => slots.hear(change));
  const troubles = (): readonly string[] => [...stores.stale(), ...[telemetry.trouble() ?? []].flat()];
  const known = (): boolean => troubles().length === 0;
  const free = (): number | null => (known() ? slots.free() : null);
  const setGauges = (): void =>
    setSlots(metrics, slots.slots(), { free: free(), grants: slots.grants().length, stranded: slots.stranded });
  const gauges = base.repeating("slot gauges", gaugesEveryMs, setGauges, "at once");
  const server = wireServer(needs, slots, known);
  return {
    runnables: [...runnables, sources, server, ...wireActors(needs, slots), gauges],
    views: {
      "/eligible": () => eligibleView(slots.slots(), policy),
      "/allowed": () => {
        const [all, allowed] = [slots.slots(), free() ?? 0];
        const why = { troubles: [...new Set([...gate.why(), ...troubles()])], promised: slots.promised() };
        return allowedView(all, { allowed, reason: whyNone(all, allowed, why) }, policy);
      },
      "/last": () => lastView(slots.slots(), rankFree(slots.slots(), []), policy),
    },
    // A Service must lead to who leads; beside other parts readiness is not ours alone.
    notReady: () => [...stores.stale(), ...(!alone || base.leadership.leads() ? [] : ["the lease"])],
  };
}

function wireServer(
  { flags, around: { clock, logger }, base: { leadership }, metrics }: Needs,
  slots: SlotAllocator,
  known: () => boolean,
): Runnable {
  const { batchAddress, batchTlsCert: certFile, batchTlsKey: keyFile, batchTlsClientCa: clientCaFile } = flags;
  /** Two who grant the same slots would grant them twice; and KEDA divides by the target. */
  const answers: SlotAnswers = {
    poll: (ref) => {
      if (!leadership.leads())
        throw new NotKnown("this replica does not lead: another does, or the API server is away");
      const { value, active } = slots.poll(ref);
      return { value: value * metricSpecOf(ref.metadata).targetSizeFloat, active };
    },
  };
  return new ExternalScalerServer({
    address: batchAddress,
    metricName: flags.metricName,
    tls: certFile !== undefined && keyFile !== undefined ? { certFile, keyFile, clientCaFile } : undefined,
    answers,
    serving: () => leadership.leads() && known(),
    clock,
    logger,
    observer: scalerObserver(metrics),
  });
}

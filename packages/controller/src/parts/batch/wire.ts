import type { Runnable } from "@walras/kit";

import type { ObjectRef } from "../../base/told/decision.ts";
import type { Part, PartContext } from "../part.ts";
import { NotKnown } from "./decide/notKnown.ts";
import { rankFree } from "./decide/rank.ts";
import type { Slot } from "./decide/slot.ts";
import { slotsOf, type SlotsNow } from "./explain/dashboard.ts";
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
import type { SlotDemand, SlotTelemetry } from "./slots/ports.ts";
import type { StrandedJob } from "./slots/stranded.ts";
import { wireActors } from "./wireActors.ts";
import { wireDemand, wireSources, wireTelemetry } from "./wireObservers.ts";

const gaugesEveryMs = 5_000;

/** Batch slots: who may start a job now, and where there is room. */
export function wireBatch(flags: BatchFlags, { around, base, alone, serveHttp }: PartContext): Part {
  const needs = wireNeeds(flags, { around, base });
  const { stores, runs } = needs;
  const { telemetry, runnables } = wireTelemetry(needs);
  const sources = wireSources(needs);
  const slots = wireSlots(needs, telemetry, wireDemand(stores, sources, runs));
  const troubles = (): readonly string[] => [...stores.stale(), ...[telemetry.trouble() ?? []].flat()];
  const room: Room = { slots, troubles, free: () => (troubles().length === 0 ? slots.free() : null) };
  const server = wireServer(needs, room, { alone, serveHttp });
  return {
    runnables: [...runnables, sources, server, ...wireActors(needs, slots), wireGauges(needs, room)],
    views: viewsOf(needs, room),
    dashboard: { slots: () => slotsOf(slotsNow(needs, room), needs.policy) },
    // A Service must lead to who leads; beside other parts readiness is not ours alone.
    notReady: () => [...stores.stale(), ...(!alone || base.leadership.leads() ? [] : ["the lease"])],
  };
}

/** Slots, and whether they are known. */
interface Room {
  readonly slots: SlotAllocator;
  /** What is not known; empty: all is. */
  readonly troubles: () => readonly string[];
  /** null: not known. */
  readonly free: () => number | null;
}

function wireNeeds(flags: BatchFlags, { around, base }: Pick<PartContext, "around" | "base">): Needs {
  const [labelKey, labelValue] = keyAndValue(flags.batchQueue);
  const scope = base.cluster.scope();
  const stores = new BatchStores(scope, { labelKey, labelValue });
  return {
    flags,
    around,
    base,
    metrics: batchMetrics(base.make, flags.metricName),
    policy: slotPolicy(flags),
    stores,
    runs: new Runs(stores.jobStore, stores.scaledJobs),
    gate: base.gate(scope),
    announcer: new JobAnnouncer(base.teller("batch", "Scheduling", batchVerdicts)),
  };
}

function wireSlots(needs: Needs, telemetry: SlotTelemetry, demand: SlotDemand): SlotAllocator {
  const { around, policy, stores, gate, announcer } = needs;
  const refOf = (owner: string): ObjectRef | undefined => {
    const scaledJob = stores.scaledJobOf(owner);
    return scaledJob && scaledJobRef(scaledJob);
  };
  const onGranted = (owner: string, count: number, free: number): void => {
    const scaledJob = refOf(owner);
    if (scaledJob) announcer.granted(scaledJob, count, free);
  };
  const onStranded = ({ job, waitedMs, because }: StrandedJob): void => {
    if (gate.mayAct()) announcer.stranded(job, refOf(job.owner), { ms: waitedMs, because });
  };
  const { clock } = around;
  const slots = new SlotAllocator({ view: stores, telemetry, demand, policy, clock, onGranted, onStranded });
  stores.jobStore.onChange((change) => slots.hear(change));
  return slots;
}

function wireGauges({ base, metrics }: Needs, { slots, free }: Room): Runnable {
  const set = (): void =>
    setSlots(metrics, slots.slots(), { free: free(), grants: slots.grants().length, stranded: slots.stranded });
  return base.repeating("slot gauges", gaugesEveryMs, set, "at once");
}

function viewsOf({ policy, gate }: Needs, room: Room): Part["views"] {
  const { slots, free } = room;
  return {
    "/eligible": () => eligibleView(slots.slots(), policy),
    "/allowed": () => {
      const [all, allowed] = [slots.slots(), free() ?? 0];
      return allowedView(all, { allowed, reason: noneBecause(all, allowed, { gate }, room) }, policy);
    },
    "/last": () => lastView(slots.slots(), rankFree(slots.slots(), []), policy),
  };
}

function noneBecause(
  all: readonly Slot[],
  allowed: number,
  { gate }: Pick<Needs, "gate">,
  { slots, troubles }: Room,
): string | null {
  const why = { troubles: [...new Set([...gate.why(), ...troubles()])], promised: slots.promised() };
  return whyNone(all, allowed, why);
}

function slotsNow(needs: Needs, room: Room): SlotsNow {
  const { stores, around } = needs;
  const { slots, free } = room;
  const [all, allowed] = [slots.slots(), free()];
  return {
    atMs: around.clock.wallMs(),
    slots: all,
    allowed,
    reason: noneBecause(all, allowed ?? 0, needs, room),
    promised: slots.promised(),
    grants: slots.grants(),
    jobs: stores.jobs(),
    stranded: slots.stranded,
    scaledJobs: stores.scaledJobs.values(),
    asked: (owner) => slots.asked(owner),
  };
}

function wireServer(
  { flags, around: { clock, logger }, base: { leadership }, metrics }: Needs,
  { slots, troubles }: Room,
  { alone, serveHttp }: Pick<PartContext, "alone" | "serveHttp">,
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
    streamMs: flags.batchStreamSeconds * 1000,
    http1: serveHttp,
    tls: certFile !== undefined && keyFile !== undefined ? { certFile, keyFile, clientCaFile } : undefined,
    answers,
    serving: () => leadership.leads() && troubles().length === 0,
    // Beside other parts whoever stands by is ready as well, and the Service leads to it.
    accepts: () => alone || leadership.leads(),
    clock,
    logger,
    observer: scalerObserver(metrics),
  });
}

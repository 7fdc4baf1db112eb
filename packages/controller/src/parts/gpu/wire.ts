import type { DashboardGpus } from "@walras/api";
import { together } from "@walras/kit";
import { evictPod } from "@walras/kube";

import { type Gate, gatedWrites } from "../../base/access/gate.ts";
import { writePriority } from "../../base/access/priorities.ts";
import type { Base } from "../../base/base.ts";
import type { Part, PartContext } from "../part.ts";
import { wireAdmission } from "./admission/wire.ts";
import { Binder, bindPort } from "./act/binder.ts";
import { Allocator } from "./act/claims/allocator.ts";
import { claimPort } from "./act/claims/port.ts";
import { Releaser } from "./act/claims/releaser.ts";
import { Standing } from "./act/claims/standing.ts";
import { MapWriter } from "./act/mapWriter.ts";
import { Mover } from "./act/mover.ts";
import { PodWriter } from "./act/podWriter.ts";
import type { Decision } from "./decide/schedule/placer.ts";
import { podKey, type SchedPod } from "./decide/schedule/pod.ts";
import { gpusOf, type NodeGpus } from "./explain/dashboard.ts";
import { GpuAnnouncer } from "./explain/announcer.ts";
import { gpuVerdicts } from "./explain/verdicts.ts";
import type { GpuFlags } from "./flags.ts";
import { Assumptions } from "./loop/assumptions.ts";
import { Nominations } from "./loop/nominations.ts";
import { Planners } from "./loop/planners.ts";
import { type QueueCounts, SchedulingQueue } from "./loop/queue.ts";
import { Reporter } from "./loop/reporter.ts";
import { GpuScheduler } from "./loop/scheduler.ts";
import { countsIn, gpuMetrics } from "./metrics.ts";
import { type GpuFacts, noFacts } from "./observe/facts.ts";
import { gpuAnnotations } from "./observe/cluster/names.ts";
import { GpuStores } from "./observe/cluster/stores.ts";
import { type Needs, wireDefragmenting, wireRoomMaking, type Wiring } from "./wireRoom.ts";

/** Changes are answered at once; this often it is looked whether somebody's pause is over, and what agents tell. */
const cycleEveryMs = 1_000;
/** Pods come in bursts: one cycle does for all of them. */
const settleMs = 10;

/** Places pods on nodes and GPUs. */
export function wireGpu(
  flags: GpuFlags,
  { around, base, config }: Pick<PartContext, "around" | "base" | "config">,
  facts: GpuFacts = base.telemetry?.gpus ?? noFacts,
): Part {
  const scope = base.cluster.scope();
  const stores = new GpuStores(scope, flags.gpuSchedulerName, around.clock);
  const gate = base.gate(scope);
  const loops = wireLoops({ around, base }, { flags, stores, gate, metrics: gpuMetrics(base.make), facts });
  const { gpuSchedulerName: schedulerName } = flags;
  const admission = wireAdmission({ flags, schedulerName, namespace: config.namespace, around, base });
  const gpus = (): DashboardGpus => gpusOf(around.clock.wallMs(), gpuNodes(stores, base.telemetry), stores.waiting());
  return {
    runnables: [...admission.runnables, ...loops.runnables],
    views: loops.views,
    dashboard: { gpus, conflicts: () => gpus().drifted },
    // A standby is ready as well: it answers the API server about new pods.
    notReady: () => [...scope.troubles(), ...admission.notReady()],
  };
}

/** Nodes whose agents tell of GPUs. */
function gpuNodes(stores: GpuStores, telemetry: Base["telemetry"]): NodeGpus[] {
  if (!telemetry) return [];
  return [...telemetry.ledger.nodes()].toSorted().flatMap((node): NodeGpus[] => {
    const reading = telemetry.ledger.gpus(node);
    const known = telemetry.gpus.of(node);
    if (!reading || (known?.gpus.length ?? 0) + (reading.trouble === null ? 0 : 1) === 0) return [];
    return [{ node, reading, ageMs: known?.ageMs ?? 0, gpus: known?.gpus ?? [], pods: stores.pods.group(node) }];
  });
}

function wireLoops({ around, base }: Wiring, needs: Needs): Pick<Part, "runnables" | "views"> {
  const { stores, gate } = needs;
  const queue = new SchedulingQueue(around.clock);
  const nominations = new Nominations(around.clock);
  let tookMs = 0;
  const hurry = together(
    around.clock,
    () => Math.max(settleMs, 2 * tookMs),
    () => void loop.now(),
  );
  const roomMaking = wireRoomMaking({ around, base }, needs, {
    nominations,
    outdated: (nomination) => scheduler.inVain(nomination),
    retry: (pods) => retry(pods, { queue, hurry }),
  });
  const outdated = (decision: Decision): string | null => scheduler.outdated(decision);
  const scheduler: GpuScheduler = new GpuScheduler({
    ...around,
    ...needs,
    assumptions: new Assumptions(),
    nominations,
    roomMaking,
    queue,
    binder: wireBinder(base, gate, outdated),
    allocator: wireAllocator({ around, base }, needs, outdated),
    planners: new Planners(),
    observer: wireReporter({ around, base }, needs),
    hurry,
  });
  const loop = base.repeating("gpu scheduling", cycleEveryMs, () => {
    const startedMs = around.clock.monotonicMs();
    scheduler.run();
    tookMs = around.clock.monotonicMs() - startedMs;
    count(needs, { tookMs, nominated: nominations.all.size, queues: queue.counts(waitingIn(stores)) });
  });
  const defragmenting = wireDefragmenting({ around, base }, needs, { world: () => scheduler.world(), roomMaking });
  return { runnables: [loop, ...defragmenting.runnables], views: defragmenting.views };
}

function retry(
  pods: readonly SchedPod[],
  { queue, hurry }: { readonly queue: SchedulingQueue; readonly hurry: () => void },
): void {
  for (const { uid } of pods) queue.refused(uid);
  if (pods.length > 0) hurry();
}

function waitingIn(stores: GpuStores): string[] {
  return stores.waiting().map(({ uid }) => uid);
}

interface Counted {
  readonly tookMs: number;
  readonly nominated: number;
  readonly queues: QueueCounts;
}

function count({ metrics }: Needs, { tookMs, nominated, queues }: Counted): void {
  metrics.cycleSeconds.observe(tookMs / 1000);
  metrics.nominated.set(nominated);
  for (const [name, of] of Object.entries(queues)) metrics.pending.set({ queue: name }, of);
}

function wireBinder(base: Base, gate: Gate, outdated: (decision: Decision) => string | null): Binder {
  return new Binder({
    port: bindPort(base.transport),
    writes: gatedWrites(base.writes, gate),
    outdated,
    annotationsOf: ({ devices, tier }) => ({
      ...(devices.length === 0 ? {} : { [gpuAnnotations.devices]: devices.join(",") }),
      ...(tier === null ? {} : { [gpuAnnotations.enforcedBy]: tier }),
    }),
  });
}

function wireAllocator(
  { around, base }: Wiring,
  { stores, gate }: Needs,
  outdated: (decision: Decision) => string | null,
): Allocator {
  const { claims } = stores;
  return new Allocator({
    ...around,
    port: claimPort(base.transport),
    writes: gatedWrites(base.writes, gate),
    stores: claims,
    standing: new Standing({ ...around, stores: claims, rivals: () => stores.rivals() }),
    outdated,
  });
}

function wireReleaser({ around, base }: Wiring, { stores, gate }: Needs): Releaser {
  const { transport } = base;
  const writes = gatedWrites(base.writes, gate);
  const [pods, claims] = [bindPort(transport), claimPort(transport)];
  const podOf = (uid: string): SchedPod | undefined => stores.pods.get(uid);
  return new Releaser({ ...around, pods, claims, writes, stores: stores.claims, podOf });
}

function wireReporter({ around, base }: Wiring, needs: Needs): Reporter {
  const { stores, gate, metrics } = needs;
  const releaser = wireReleaser({ around, base }, needs);
  const writes = gatedWrites(base.writes, gate);
  const { transport } = base;
  const evict = (pod: Decision["pod"]): Promise<boolean> =>
    writes.perform({
      key: `gpu move ${podKey(pod)}`,
      priority: writePriority.movePod,
      write: () => evictPod(transport, pod),
    });
  return new Reporter({
    announcer: new GpuAnnouncer(base.teller("gpu", "Binding", gpuVerdicts)),
    pods: new PodWriter({ transport, writes, wallMs: () => around.clock.wallMs() }),
    maps: new MapWriter(transport, writes),
    mover: new Mover({ evict }, around.logger),
    release: (pod) => releaser.release(pod),
    mapOf: (uid) => stores.maps.get(uid),
    counts: countsIn(metrics),
    clock: around.clock,
  });
}

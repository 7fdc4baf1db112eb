import { fieldManager } from "@walras/api";
import { type ContainerCpu, resizePod } from "@walras/kube";

import type { Base } from "../../base/base.ts";
import { type Gate, gatedWrites } from "../../base/access/gate.ts";
import type { ClusterScope } from "../../base/cluster/cluster.ts";
import { NodeRoom } from "../../base/access/room.ts";
import type { PodState } from "../../base/cluster/pod.ts";
import { nodeProjection, podProjection } from "../../base/cluster/projections.ts";
import type { Surroundings } from "../../base/config/surroundings.ts";
import type { Ledger } from "../../base/telemetry/ledger/ledger.ts";
import type { Telemetry } from "../../base/telemetry/telemetry.ts";
import type { Part, PartContext } from "../part.ts";
import { ResizeActuator } from "./act/actuator.ts";
import { ResizeLog } from "./act/log.ts";
import type { ResizePolicy } from "./act/plan.ts";
import type { ContainerResize } from "./act/resize.ts";
import { QuotaRoom } from "./act/quotaRoom.ts";
import { Verdicts } from "./act/verdicts.ts";
import { granuleMilli } from "./decide/granules.ts";
import type { MarketPolicy } from "./decide/policy.ts";
import { Announcer } from "./explain/announcer.ts";
import { Explainer } from "./explain/explain.ts";
import { sampleBounds } from "./explain/dashboard/samples.ts";
import { MarketDashboard } from "./explain/dashboard/source.ts";
import { ThrottledNow } from "./explain/dashboard/throttledNow.ts";
import { allocationPort } from "./explain/port.ts";
import { AllocationRecorder } from "./explain/recorder.ts";
import { marketVerdicts } from "./explain/verdicts.ts";
import { MarketView } from "./explain/view.ts";
import type { MarketFlags } from "./flags.ts";
import { MarketLoop } from "./loop/driver.ts";
import { followCluster, followReports, isThere } from "./loop/follow.ts";
import { NodeRound } from "./loop/round.ts";
import { SettledNodes } from "./loop/settled.ts";
import { roundSinks } from "./loop/sinks.ts";
import { StepTimer } from "./loop/steps.ts";
import { type MarketMetrics, marketMetrics, resizeObserver, roundObserver } from "./metrics.ts";
import { wireNewPods } from "./newPods/wire.ts";
import { MarketBook } from "./observe/book.ts";
import { DeclaredMemory } from "./observe/declared.ts";
import { isResizing, isSized, type MarketSettings } from "./observe/managed.ts";
import { NodeUses } from "./observe/nodeUse.ts";
import { freeMilliFor } from "./observe/node.ts";
import { PodSights } from "./observe/sights.ts";
import { MarketCluster } from "./observe/view.ts";
import { type Remembering, type RememberNeeds, wireMemory } from "./remember/wire.ts";
import { MarketTerms } from "./terms.ts";

/** A deferred resize is the kubelet's for this long. */
const deferredPatienceMs = 10_000;

/** What the market decides from, and everything that remembers something between rounds. */
interface Market {
  readonly terms: MarketTerms;
  readonly policy: MarketPolicy;
  readonly metrics: MarketMetrics;
  readonly cluster: MarketCluster;
  /** Whether pods and nodes are seen as they change. */
  readonly isLive: () => boolean;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly room: NodeRoom;
  readonly quotas: QuotaRoom;
  readonly declared: DeclaredMemory;
  readonly book: MarketBook;
  readonly uses: NodeUses;
  readonly settled: SettledNodes;
  readonly sights: PodSights;
  readonly log: ResizeLog;
  readonly verdicts: Verdicts;
  readonly announcer: Announcer;
  readonly recorder: AllocationRecorder;
  readonly explainer: Explainer;
  readonly view: MarketView;
  readonly remembering: Remembering;
}

/** CPU of each node, divided anew whenever its agent has reported. */
export function wireMarket(flags: MarketFlags, { around, base, config }: PartContext): Part {
  const telemetry = needed(base.telemetry);
  const scope = base.cluster.scope();
  const market = marketOf(flags, scope, { around, base, ledger: telemetry.ledger });
  const { terms, sights, settled } = market;
  const loop = wireLoop(terms.settings, market, { around, base });
  const resizes = (): boolean => isResizing(terms.settings.mode);
  const newPods = flags.sizeNewPods ? [wireNewPods({ ...market, scope, resizes }, around, base)] : [];
  telemetry.onReport((node) => {
    if (isThere(node, market.cluster)) loop.request(node);
  });
  followReports(market.ledger, { ...market, view: market.cluster });
  followCluster({ ...market, loop });
  const shown = config.dashboard === "off" ? null : wireDashboard(market, loop, { around, base, config });
  return {
    runnables: [loop, ...newPods, ...(shown?.runnables ?? [])],
    ...(shown && { dashboard: shown.dashboard }),
    closing: [market.remembering.keeper],
    views: { "/market": { namesPods: true, read: () => market.view.read(loop.results()) } },
    notReady: () => scope.troubles(),
    take: (fresh) => {
      // Of its own schema: see definePart.
      terms.take(fresh as MarketFlags);
      sights.forgetAll();
      settled.wakeAll();
    },
  };
}

/** Only where somebody may look: what it records takes memory. */
function wireDashboard(
  { cluster, ledger, book, policy }: Market,
  loop: MarketLoop,
  { around: { clock }, base, config }: Pick<PartContext, "around" | "base" | "config">,
): Required<Pick<Part, "runnables" | "dashboard">> {
  const throttled = new ThrottledNow();
  throttled.follow(ledger);
  const resultOf = (node: string): ReturnType<MarketLoop["resultOf"]> => loop.resultOf(node);
  const { history } = base;
  const source = new MarketDashboard(
    { cluster, ledger, book, policy, resultOf, throttled, history, clock },
    config.coreHourPrice,
  );
  const recording = base.repeating("dashboard samples", sampleBounds.everyMs, () => source.record());
  return { runnables: [recording], dashboard: { market: source } };
}

function marketOf(
  flags: MarketFlags,
  scope: ClusterScope,
  { around, base, ledger }: Pick<PartContext, "around" | "base"> & Pick<Market, "ledger">,
): Market {
  const cluster = new MarketCluster(scope);
  const terms = new MarketTerms(flags);
  const { policy } = terms;
  const log = new ResizeLog();
  const metrics = marketMetrics(base.make);
  const gate = base.gate(scope);
  const teller = base.teller("market", "Resizing", marketVerdicts);
  const unreadable: RememberNeeds["unreadable"] = (object, reason) =>
    teller.tell({ object, verdict: "ProfileUnreadable", reason });
  const counted = (count: number): void => metrics.workloadProfiles.set(count);
  const remembering = wireMemory({ policy: terms.remember, gate, unreadable, counted }, around, base);
  return {
    terms,
    policy,
    metrics,
    cluster,
    isLive: () => scope.isLive(podProjection.resource, nodeProjection.resource),
    ledger,
    gate,
    room: new NodeRoom(),
    quotas: new QuotaRoom(around.clock),
    declared: new DeclaredMemory(terms.settings),
    uses: new NodeUses(policy),
    settled: new SettledNodes(policy, around.rng),
    sights: new PodSights(),
    book: new MarketBook(policy, remembering.memory),
    log,
    verdicts: new Verdicts(log),
    announcer: new Announcer(teller),
    recorder: new AllocationRecorder(allocationPort(base.transport), gatedWrites(base.writes, gate), around.clock),
    explainer: new Explainer(log, around.clock),
    view: new MarketView(),
    remembering,
  };
}

function needed(telemetry: Telemetry | undefined): Telemetry {
  if (!telemetry) throw new Error("the market needs agents");
  return telemetry;
}

function wireLoop(
  settings: MarketSettings,
  market: Market,
  { around, base }: { readonly around: Surroundings; readonly base: Base },
): MarketLoop {
  const { clock, logger } = around;
  const { policy, metrics, cluster, gate, view, remembering } = market;
  const resizePolicy: ResizePolicy = { ...policy, granuleMilli, deferredPatienceMs };
  const actuator = wireActuator(settings, market, { around, base });
  const sinks = roundSinks({
    ...market,
    actuator,
    marketView: view,
    // Who turns the whole market off for a while does not mean to lose weeks.
    left: (pod) => {
      if (settings.mode !== "off") remembering.left(pod);
    },
    counted: (mode) => metrics.rounds.inc({ mode }),
    clock,
  });
  const observer = roundObserver(metrics);
  const timer = new StepTimer(clock, observer);
  const round = new NodeRound({ ...market, view: cluster, settings, resizePolicy, sinks, timer, clock });
  return new MarketLoop({ round, nodes: () => cluster.pods.groups(), mayDecide: gate.mayAct, observer, clock, logger });
}

function wireActuator(
  settings: MarketSettings,
  { cluster, isLive, ledger, metrics, log, room, quotas, recorder, gate, announcer }: Market,
  { around: { clock, logger }, base }: { readonly around: Surroundings; readonly base: Base },
): ResizeActuator {
  const sampleAgeMs = (pod: Parameters<typeof freeMilliFor>[0]): number | null => {
    const reading = ledger.container(pod.node, pod.containers[0]?.containerId ?? "");
    return reading ? clock.monotonicMs() - reading.stream.lastMs : null;
  };
  return new ResizeActuator({
    port: {
      resize: (pod, containers) =>
        resizePod(
          base.transport,
          pod,
          containers.map((one) => withKind(pod, one)),
          fieldManager,
        ),
    },
    budget: base.writes,
    log,
    room,
    quotas,
    podNow: (uid) => cluster.pods.get(uid),
    // Who comes to a node while no watch is open is not seen: nothing of it is known to be free.
    freeMilliFor: (pod) => (isLive() ? freeMilliFor(pod, cluster, room) : 0),
    isWanted: (pod) => isSized(pod, cluster, settings),
    recordFirst: (pod) => recorder.recordFirst(pod),
    mayWrite: gate.mayAct,
    observer: resizeObserver(metrics, announcer, sampleAgeMs),
    clock,
    logger,
  });
}

function withKind({ containers }: PodState, resize: ContainerResize): ContainerCpu {
  return { ...resize, sidecar: containers.some(({ name, sidecar }) => sidecar && name === resize.name) };
}

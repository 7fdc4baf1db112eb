import { fieldManager } from "@walras/api";
import { type Clock, type Logger, type Rng, type Runnable } from "@walras/kit";
import {
  EventRecorder,
  HttpTransport,
  type KubeTransport,
  LeaderElector,
  loadEndpoint,
  resizePod,
  retryReads,
  WriteQueue,
} from "@walras/kube";

import { AgentRegistry } from "./agents/registry.ts";
import { AgentServer } from "./agents/server.ts";
import { agentSecurity } from "./agents/security.ts";
import { allocationPort } from "./allocation/port.ts";
import { AllocationRecorder } from "./allocation/recorder.ts";
import { ClusterStores } from "./cluster/stores.ts";
import { type ControllerConfig, policyOf } from "./config.ts";
import { Ledger } from "./ledger/ledger.ts";
import { Announcer } from "./loop/announcer.ts";
import { MarketLoop } from "./loop/driver.ts";
import { Explainer } from "./loop/explain.ts";
import { followCluster, type Followers } from "./loop/follow.ts";
import { NodeRound } from "./loop/round.ts";
import { roundSinks } from "./loop/sinks.ts";
import { StepTimer } from "./loop/steps.ts";
import { MarketBook } from "./market/book.ts";
import { granuleMilli } from "./market/round.ts";
import {
  agentObserver,
  reflectorObserver,
  resizeObserver,
  roundObserver,
  transportObserver,
  writeObserver,
} from "./ops/observers.ts";
import { OpsServer } from "./ops/http.ts";
import { MarketView } from "./ops/marketView.ts";
import { createMetrics, type Metrics } from "./ops/metrics.ts";
import { ResizeActuator } from "./resize/actuator.ts";
import { ResizeLog } from "./resize/log.ts";
import type { ResizePolicy } from "./resize/plan.ts";

/** What the machine gives, and what a simulation gives in its place. */
export interface Surroundings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Called when the lease is lost: the process must end. */
  readonly onLost: () => void;
}

/** A deferred resize is the kubelet's for this long. */
const deferredPatienceMs = 10_000;

/** The controller, wired: its parts in the order they start. */
export interface Controller {
  readonly parts: readonly Runnable[];
  readonly agentPort: () => number;
  readonly opsPort: () => number;
}

/** Puts the controller together; nothing runs before its parts are started. */
export function wire(config: ControllerConfig, around: Surroundings): Controller {
  const { clock, logger } = around;
  const metrics = createMetrics();
  const access = wireAccess(config, around, metrics);
  const { stores, queue, elector, transport } = access;
  const ledger = new Ledger();
  const marketView = new MarketView();
  const market = wireMarket(config, around, { ...access, ledger, metrics, marketView });
  const agents = new AgentRegistry({
    view: stores,
    ledger,
    clock,
    intervalMillis: config.agentIntervalMs,
    epoch: () => elector.epoch,
    leads: access.mayDecide,
    onFresh: (node) => market.loop.request(node),
    observer: agentObserver(metrics, market.announcer, stores, logger),
  });
  followCluster({ stores, agents, ledger, metrics, ...market });
  const security = agentSecurity(config, transport, clock);
  const server = new AgentServer({ address: config.agentAddress, ...security, host: agents, logger });
  const ops = new OpsServer({
    host: config.opsHost,
    port: config.opsPort,
    metrics,
    market: () => marketView.read(market.loop.results()),
    notReady: () => stores.unsynced(),
  });
  const sessions: Runnable = { name: "agent sessions", start: () => undefined, stop: () => agents.stop() };
  return {
    parts: [ops, queue, ...stores.reflectors, server, elector, market.loop, sessions],
    agentPort: () => server.port,
    opsPort: () => ops.port,
  };
}

/** The way to the API server: what is read, what may be written, and who may write. */
interface Access {
  readonly transport: KubeTransport;
  readonly stores: ClusterStores;
  readonly queue: WriteQueue;
  readonly elector: LeaderElector;
  /** Decisions are the leader's, and need a whole view. */
  readonly mayDecide: () => boolean;
}

function wireAccess(config: ControllerConfig, around: Surroundings, metrics: Metrics): Access {
  const { clock, logger, onLost } = around;
  const monotonicMs = (): number => clock.monotonicMs();
  const direct = new HttpTransport({
    endpoint: loadEndpoint(config.kubeconfig, monotonicMs),
    userAgent: "walras-controller",
    monotonicMs,
    observer: transportObserver(metrics),
  });
  const transport = retryReads(direct, clock);
  const stores = new ClusterStores({ ...around, transport, observer: reflectorObserver(metrics) });
  const budget = { perSecond: config.writesPerSecond, burst: config.writeBurst };
  const queue = new WriteQueue({ ...around, ...budget, observer: writeObserver(metrics) });
  const elector = new LeaderElector({
    ...around,
    transport,
    lease: { namespace: config.namespace, name: config.leaseName },
    identity: config.identity,
    onStarted: (epoch) => {
      metrics.leader.set(1);
      metrics.epoch.set(epoch);
    },
    onLost: () => {
      logger.error("lease lost");
      onLost();
    },
  });
  const mayDecide = (): boolean => elector.leads() && stores.unsynced().length === 0;
  return { transport, stores, queue, elector, mayDecide };
}

/** The market's loop with everything that remembers something between rounds. */
type MarketParts = Pick<Followers, "loop" | "book" | "log" | "recorder" | "explainer" | "announcer">;

function wireMarket(
  config: ControllerConfig,
  around: Surroundings,
  access: Access & { readonly ledger: Ledger; readonly metrics: Metrics; readonly marketView: MarketView },
): MarketParts {
  const { clock, logger } = around;
  const { transport, stores, queue, ledger, metrics, marketView, mayDecide } = access;
  const policy = policyOf(config);
  const book = new MarketBook(policy);
  const log = new ResizeLog();
  const announcer = new Announcer(wireEvents(config, around, access));
  const recorder = new AllocationRecorder(allocationPort(transport), queue, clock);
  const explainer = new Explainer(log, clock);
  const actuator = new ResizeActuator({
    port: { resize: (pod, containers) => resizePod(transport, pod, containers, fieldManager) },
    budget: queue,
    log,
    podNow: (uid) => stores.pods.get(uid),
    recordFirst: (pod) => recorder.recordFirst(pod),
    mayWrite: mayDecide,
    observer: resizeObserver(metrics, announcer, ledger, clock),
    clock,
    logger,
  });
  const resizePolicy: ResizePolicy = { ...policy, granuleMilli, deferredPatienceMs };
  const sinks = roundSinks({ actuator, recorder, explainer, announcer, metrics, marketView, stores, clock });
  const observer = roundObserver(metrics);
  const timer = new StepTimer(clock, observer);
  const { mode } = config;
  const round = new NodeRound({ view: stores, ledger, book, log, mode, policy, resizePolicy, sinks, timer, clock });
  const loop = new MarketLoop({ round, nodes: () => stores.pods.groups(), mayDecide, observer, clock, logger });
  return { loop, book, log, recorder, explainer, announcer };
}

function wireEvents(
  config: ControllerConfig,
  { clock, logger }: Surroundings,
  { transport, queue, metrics }: Access & { readonly metrics: Metrics },
): EventRecorder {
  return new EventRecorder({
    transport,
    enqueue: (write) => queue.enqueue(write),
    clock,
    logger,
    controller: `walras.io/${fieldManager}`,
    instance: config.identity,
    onDropped: () => metrics.eventsDropped.inc(),
  });
}

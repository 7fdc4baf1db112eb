import { fieldManager } from "@walras/api";
import { type Clock, type Logger, type Rng, type Runnable } from "@walras/kit";
import {
  EventRecorder,
  HttpTransport,
  type KubeTransport,
  LeaderElector,
  loadEndpoint,
  resizePod,
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
import { followCluster } from "./loop/follow.ts";
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
import { createMetrics } from "./ops/metrics.ts";
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
  const { clock, rng, logger, onLost } = around;
  const metrics = createMetrics();
  const transport = connect(config, clock, metrics);
  const stores = new ClusterStores({ transport, clock, rng, logger, observer: reflectorObserver(metrics) });
  const queue = new WriteQueue({
    perSecond: config.writesPerSecond,
    burst: config.writeBurst,
    clock,
    rng,
    logger,
    observer: writeObserver(metrics),
  });
  const elector = new LeaderElector({
    transport,
    lease: { namespace: config.namespace, name: config.leaseName },
    identity: config.identity,
    clock,
    rng,
    logger,
    onStarted: (epoch) => {
      metrics.leader.set(1);
      metrics.epoch.set(epoch);
    },
    onLost,
  });
  const events = new EventRecorder({
    transport,
    enqueue: (write) => queue.enqueue(write),
    clock,
    logger,
    controller: `walras.io/${fieldManager}`,
    instance: config.identity,
    onDropped: () => metrics.eventsDropped.inc(),
  });

  const policy = policyOf(config);
  const resizePolicy: ResizePolicy = { ...policy, granuleMilli, deferredPatienceMs };
  const ledger = new Ledger();
  const book = new MarketBook(policy);
  const log = new ResizeLog();
  const announcer = new Announcer(events);
  const recorder = new AllocationRecorder(allocationPort(transport), queue, clock);
  const explainer = new Explainer(log, clock);
  const actuator = new ResizeActuator({
    port: { resize: (pod, containers) => resizePod(transport, pod, containers, fieldManager) },
    budget: queue,
    log,
    podNow: (uid) => stores.pods.get(uid),
    recordFirst: (pod) => recorder.recordFirst(pod),
    mayWrite: () => elector.leads(),
    observer: resizeObserver(metrics, announcer, ledger, clock),
    clock,
    logger,
  });
  const round = new NodeRound({
    view: stores,
    ledger,
    book,
    log,
    mode: config.mode,
    policy,
    resizePolicy,
    sinks: roundSinks({ actuator, recorder, explainer, announcer, metrics, stores }),
    timer: new StepTimer(clock, roundObserver(metrics)),
    clock,
  });
  const mayDecide = (): boolean => elector.leads() && stores.unsynced().length === 0;
  const loop = new MarketLoop({
    round,
    nodes: () => stores.pods.groups(),
    mayDecide,
    observer: roundObserver(metrics),
    clock,
    logger,
  });
  const agents = new AgentRegistry({
    view: stores,
    ledger,
    clock,
    intervalMillis: config.agentIntervalMs,
    epoch: () => elector.epoch,
    leads: mayDecide,
    onFresh: (node) => loop.request(node),
    observer: agentObserver(metrics, announcer, stores, logger),
  });
  followCluster({ stores, agents, loop, ledger, book, log, recorder, explainer, announcer, metrics });
  const security = agentSecurity(config, transport, clock);
  const server = new AgentServer({ address: config.agentAddress, ...security, host: agents, logger });
  const ops = new OpsServer({ host: config.opsHost, port: config.opsPort, metrics, notReady: () => stores.unsynced() });
  return {
    parts: [
      ops,
      queue,
      ...stores.reflectors,
      server,
      elector,
      loop,
      { name: "agent sessions", start: () => undefined, stop: () => agents.stop() },
    ],
    agentPort: () => server.port,
    opsPort: () => ops.port,
  };
}

function connect(config: ControllerConfig, clock: Clock, metrics: ReturnType<typeof createMetrics>): KubeTransport {
  const monotonicMs = (): number => clock.monotonicMs();
  return new HttpTransport({
    endpoint: loadEndpoint(config.kubeconfig, monotonicMs),
    userAgent: "walras-controller",
    monotonicMs,
    observer: transportObserver(metrics),
  });
}

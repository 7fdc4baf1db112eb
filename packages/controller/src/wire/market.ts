import { fieldManager } from "@walras/api";
import type { Runnable } from "@walras/kit";
import { resizePod } from "@walras/kube";

import { AgentRegistry } from "../agents/registry.ts";
import { agentSecurity } from "../agents/security.ts";
import { AgentServer } from "../agents/server.ts";
import { allocationPort } from "../allocation/port.ts";
import { AllocationRecorder } from "../allocation/recorder.ts";
import { ClusterStores } from "../cluster/stores.ts";
import { type ControllerConfig, policyOf } from "../config.ts";
import { Announcer } from "../loop/announcer.ts";
import { MarketLoop } from "../loop/driver.ts";
import { Explainer } from "../loop/explain.ts";
import { followCluster, type Followers } from "../loop/follow.ts";
import { NodeRound } from "../loop/round.ts";
import { roundSinks } from "../loop/sinks.ts";
import { StepTimer } from "../loop/steps.ts";
import { nodesView } from "../ledger/view.ts";
import { MarketBook } from "../market/book.ts";
import { granuleMilli } from "../market/round.ts";
import { MarketView } from "../ops/marketView.ts";
import { reflectorObserver } from "../ops/accessObservers.ts";
import { agentObserver, resizeObserver, roundObserver } from "../ops/marketObservers.ts";
import { ResizeActuator } from "../resize/actuator.ts";
import { ResizeLog } from "../resize/log.ts";
import type { ResizePolicy } from "../resize/plan.ts";
import type { Access } from "./access.ts";
import type { Part, Surroundings } from "./surroundings.ts";

/** A deferred resize is the kubelet's for this long. */
const deferredPatienceMs = 10_000;

/** The market, with what others may read of it. */
export interface MarketPart extends Part {
  readonly stores: ClusterStores;
  readonly agentPort: () => number;
}

/** The market and the agents that feed it. */
export function wireMarket(config: ControllerConfig, around: Surroundings, access: Access): MarketPart {
  const { clock, logger } = around;
  const { elector, metrics, transport, ledger } = access;
  const stores = new ClusterStores({ ...around, transport, observer: reflectorObserver(metrics) });
  /** Decisions are the leader's, and need a whole view. */
  const mayDecide = (): boolean => elector.leads() && stores.unsynced().length === 0;
  const marketView = new MarketView();
  const market = wireLoop(config, around, { ...access, stores, mayDecide, marketView });
  const agents = new AgentRegistry({
    view: stores,
    ledger,
    clock,
    intervalMillis: config.agentIntervalMs,
    epoch: () => elector.epoch,
    leads: mayDecide,
    onFresh: (node) => market.loop.request(node),
    observer: agentObserver(metrics, market.announcer, stores, logger),
  });
  followCluster({ stores, agents, ledger, metrics, ...market });
  const security = agentSecurity(config, transport, clock);
  const server = new AgentServer({ address: config.agentAddress, ...security, host: agents, logger });
  const sessions: Runnable = { name: "agent sessions", start: () => undefined, stop: () => agents.stop() };
  return {
    stores,
    runnables: [...stores.reflectors, server, market.loop, sessions],
    views: {
      "/market": () => marketView.read(market.loop.results()),
      "/nodes": () => nodesView(ledger, clock),
    },
    notReady: () => stores.unsynced(),
    agentPort: () => server.port,
  };
}

/** The market's loop with everything that remembers something between rounds. */
type MarketParts = Pick<Followers, "loop" | "book" | "log" | "recorder" | "explainer" | "announcer">;

interface LoopNeeds extends Access {
  readonly stores: ClusterStores;
  readonly mayDecide: () => boolean;
  readonly marketView: MarketView;
}

function wireLoop(config: ControllerConfig, { clock, logger }: Surroundings, needs: LoopNeeds): MarketParts {
  const { transport, stores, queue, ledger, metrics, marketView, mayDecide, events } = needs;
  const policy = policyOf(config);
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

import type { Runnable } from "@walras/kit";
import type { Store } from "@walras/kube";

import type { Access } from "../access/access.ts";
import type { Cluster, ClusterScope } from "../cluster/cluster.ts";
import type { NodeState } from "../cluster/node.ts";
import type { PodState } from "../cluster/pod.ts";
import { nodeProjection, podProjection } from "../cluster/projections.ts";
import type { NodesView } from "../cluster/view.ts";
import type { BaseConfig } from "../config/flags.ts";
import { gateOf } from "../access/gate.ts";
import type { BaseMetrics } from "../ops/metrics.ts";
import type { MakeRepeating } from "../ops/repeating.ts";
import type { MakeTeller } from "../told/teller.ts";
import type { Surroundings } from "../config/surroundings.ts";
import type { AgentHost } from "./agents/call.ts";
import { AgentRegistry } from "./agents/registry.ts";
import { agentSecurity } from "./agents/security.ts";
import { AgentServer } from "./agents/server.ts";
import { followCluster } from "./follow.ts";
import { showGpus } from "./gpus/series.ts";
import { KnownGpus } from "./gpus/known.ts";
import { Ledger } from "./ledger/ledger.ts";
import { agentObserver } from "./observer.ts";
import { telemetryVerdicts } from "./verdicts.ts";

/** Live demand: what agents say of their nodes, for whichever parts run. */
export interface Telemetry {
  readonly ledger: Ledger;
  /** GPUs of nodes with the pods that have them. */
  readonly gpus: KnownGpus;
  /** Nodes that agents speak for. */
  readonly nodes: Store<NodeState>;
  /** Tells when the ledger has news of a node. */
  readonly onReport: (listener: (node: string) => void) => void;
  /** Whom streams are brought to, by whatever way they come. */
  readonly host: AgentHost;
  readonly port: () => number;
  readonly runnables: readonly Runnable[];
  readonly troubles: () => readonly string[];
}

interface TelemetryNeeds {
  readonly access: Access;
  readonly cluster: Cluster;
  readonly metrics: BaseMetrics;
  readonly teller: MakeTeller;
  readonly repeating: MakeRepeating;
}

/** @param address where agents connect */
export function wireTelemetry(
  address: string,
  config: BaseConfig,
  around: Surroundings,
  needs: TelemetryNeeds,
): Telemetry {
  const { access, cluster, metrics, teller } = needs;
  const { clock, logger } = around;
  const scope = cluster.scope();
  const view = nodesView(scope);
  const ledger = new Ledger();
  const gpus = new KnownGpus({ ledger, view, clock });
  metrics.atScrape.push(() => showGpus(metrics.gpus, gpus, ledger.nodes()));
  const reported = new Reported();
  const agents = new AgentRegistry({
    view,
    ledger,
    clock,
    intervalMillis: config.agentIntervalMs,
    epoch: () => access.leadership.epoch,
    leads: gateOf(access.leadership, () => scope.troubles()).mayAct,
    onFresh: (node) => reported.tell(node),
    observer: agentObserver({ metrics, teller: teller("telemetry", "Resizing", telemetryVerdicts), view, logger }),
  });
  followCluster({ pods: view.pods, nodes: view.nodes, agents, ledger });
  const { runnables: keeping, notReady, ...security } = agentSecurity(config, around, needs);
  const knownNodes = (): number => view.nodes.size;
  const server = new AgentServer({ address, ...security, host: agents, clock, logger, knownNodes });
  const sessions: Runnable = { name: "agent sessions", start: () => undefined, stop: () => agents.stop() };
  return {
    ledger,
    gpus,
    nodes: view.nodes,
    onReport: (listener) => reported.add(listener),
    host: agents,
    port: () => server.port,
    runnables: [...keeping, server, sessions],
    troubles: () => [...scope.troubles(), ...notReady()],
  };
}

function nodesView(scope: ClusterScope): NodesView & {
  readonly pods: Store<PodState>;
  readonly nodes: Store<NodeState>;
} {
  const nodes = scope.follow(nodeProjection);
  const pods = scope.follow(podProjection);
  return { pods, nodes, podsOn: (node) => pods.group(node), node: (name) => nodes.named("", name) };
}

/** Those who are told that a node has reported. */
class Reported {
  readonly #listeners: ((node: string) => void)[] = [];

  add(listener: (node: string) => void): void {
    this.#listeners.push(listener);
  }

  tell(node: string): void {
    for (const listener of this.#listeners) listener(node);
  }
}

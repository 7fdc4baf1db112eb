import { fieldManager } from "@walras/api";
import {
  EventRecorder,
  HttpTransport,
  type KubeTransport,
  LeaderElector,
  loadEndpoint,
  retryReads,
  WriteQueue,
} from "@walras/kube";

import type { ControllerConfig } from "../config.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Metrics } from "../ops/metrics.ts";
import { transportObserver, writeObserver } from "../ops/accessObservers.ts";
import type { Surroundings } from "./surroundings.ts";

/** What all parts share: the way to the API server, who may act, and what is known of live demand. */
export interface Access {
  readonly transport: KubeTransport;
  readonly queue: WriteQueue;
  readonly elector: LeaderElector;
  readonly events: EventRecorder;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
}

export async function wireAccess(config: ControllerConfig, around: Surroundings, metrics: Metrics): Promise<Access> {
  const { clock, logger } = around;
  const monotonicMs = (): number => clock.monotonicMs();
  const direct = new HttpTransport({
    endpoint: await loadEndpoint(config.kubeconfig, monotonicMs),
    userAgent: "walras-controller",
    monotonicMs,
    observer: transportObserver(metrics),
  });
  const transport = retryReads(direct, clock);
  const budget = { perSecond: config.writesPerSecond, burst: config.writeBurst };
  const queue = new WriteQueue({ ...around, ...budget, observer: writeObserver(metrics) });
  const events = new EventRecorder({
    transport,
    enqueue: (write) => queue.enqueue(write),
    clock,
    logger,
    controller: `walras.io/${fieldManager}`,
    instance: config.identity,
    onDropped: () => metrics.eventsDropped.inc(),
  });
  const elector = wireElector(config, around, { transport, metrics });
  return { transport, queue, elector, events, ledger: new Ledger(), metrics };
}

function wireElector(
  config: ControllerConfig,
  around: Surroundings,
  { transport, metrics }: { readonly transport: KubeTransport; readonly metrics: Metrics },
): LeaderElector {
  return new LeaderElector({
    ...around,
    transport,
    lease: { namespace: config.namespace, name: config.leaseName },
    identity: config.identity,
    onStarted: (epoch) => {
      metrics.leader.set(1);
      metrics.epoch.set(epoch);
    },
    onLost: () => {
      around.logger.error("lease lost");
      around.onLost();
    },
  });
}

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

import type { BaseConfig } from "../config/flags.ts";
import { type BaseMetrics, transportObserver, writeObserver } from "../ops/metrics.ts";
import { NotAllowed } from "./gate.ts";
import { writePriority } from "./priorities.ts";
import type { Surroundings } from "../config/surroundings.ts";

/** The way to the API server, and who may act there. */
export interface Access {
  readonly transport: KubeTransport;
  readonly writes: WriteQueue;
  readonly leadership: LeaderElector;
  readonly events: EventRecorder;
}

export async function wireAccess(config: BaseConfig, around: Surroundings, metrics: BaseMetrics): Promise<Access> {
  const { clock } = around;
  const lines = around.transport
    ? { calls: around.transport, lease: around.transport }
    : await connect(config, around, metrics);
  const budget = { perSecond: config.writesPerSecond, burst: config.writeBurst };
  const transport = retryReads(lines.calls, clock);
  const writes = new WriteQueue({ ...around, ...budget, observer: writeObserver(metrics) });
  const leadership = wireLeadership(config, around, { transport: lines.lease, metrics });
  return {
    transport,
    writes,
    leadership,
    events: new EventRecorder({
      ...around,
      transport,
      enqueue: (event) => writes.enqueue({ ...event, write: () => unlessDeposed(leadership, event.write) }),
      priority: writePriority.event,
      controller: `walras.io/${fieldManager}`,
      instance: config.identity,
      onDropped: () => metrics.eventsDropped.inc(),
    }),
  };
}

/** Another leads by now, and tells what holds. Who has not led yet may tell of himself. */
function unlessDeposed(leadership: Pick<LeaderElector, "epoch" | "leads">, write: () => Promise<void>): Promise<void> {
  if (leadership.epoch === 0 || leadership.leads()) return write();
  return Promise.reject(new NotAllowed("this replica does not lead any more"));
}

/** The Lease has a connection of its own: no load of ours or of others' can lose it. */
async function connect(
  config: BaseConfig,
  { clock }: Surroundings,
  metrics: BaseMetrics,
): Promise<{ readonly calls: KubeTransport; readonly lease: KubeTransport }> {
  const monotonicMs = (): number => clock.monotonicMs();
  const options = {
    endpoint: await loadEndpoint(config.kubeconfig, monotonicMs),
    userAgent: "walras-controller",
    monotonicMs,
    observer: transportObserver(metrics),
  };
  return { calls: new HttpTransport(options), lease: new HttpTransport({ ...options, connections: 1 }) };
}

function wireLeadership(
  config: BaseConfig,
  around: Surroundings,
  { transport, metrics }: { readonly transport: KubeTransport; readonly metrics: BaseMetrics },
): LeaderElector {
  const elector = new LeaderElector({
    ...around,
    transport,
    lease: { namespace: config.namespace, name: config.leaseName },
    identity: config.identity,
    onLost: () => {
      around.logger.error("lease lost");
      around.onLost();
    },
  });
  elector.whenLeading((epoch) => {
    metrics.leader.set(1);
    metrics.epoch.set(epoch);
  });
  return elector;
}

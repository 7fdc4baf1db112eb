import type { LoopParts, PodState, SeenIntent } from "@walras/controller/intents";

import type { Replica } from "../service/replica.ts";
import type { Service } from "../service/service.ts";
import type { Telemetry } from "../service/telemetry.ts";

export const intentName = "shop/web";
export const p99 = "shop/p99";
const throughput = "shop/throughput";

export const profiles = new Map([
  [p99, { type: "latency", minimize: true } as const],
  [throughput, { type: "throughput", minimize: false } as const],
]);

type Measured = Awaited<ReturnType<LoopParts["meter"]["measure"]>>;

/** The intent and its workload, as the observer would see them. */
export function seenIntent({ replicas, ready, nowMs }: Service, targetMs: number): SeenIntent {
  const [namespace = "", name = ""] = intentName.split("/");
  const milli = exampleOf(ready, replicas)?.milli ?? 0;
  const pods = replicas.map((replica) => ({ name: replica.name, uid: replica.name }));
  return {
    ref: { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace, name, uid: "intent" },
    generation: 1,
    intent: {
      name: intentName,
      target: { kind: "Deployment", name: intentName },
      priority: 1,
      active: true,
      objectives: [
        { profile: p99, target: targetMs, tolerance: 0 },
        { profile: throughput, target: 0, tolerance: 0 },
      ],
      pods: replicas.map((replica) => podOf(replica, nowMs)),
      resources: new Map([
        ["0_cpu_requests", milli],
        ["0_cpu_limits", milli],
      ]),
      annotations: new Map(),
      data: new Map(),
    },
    target: {
      ref: { apiVersion: "apps/v1", kind: "Deployment", namespace, name, uid: "target" },
      generation: 1,
      replicas: replicas.length,
      pods,
      rivals: [],
    },
  };
}

/** The newest that is ready, else the newest. */
function exampleOf(ready: readonly Replica[], all: readonly Replica[]): Replica | undefined {
  const among = ready.length > 0 ? ready : all;
  return among.toSorted((one, other) => other.createdMs - one.createdMs)[0];
}

function podOf({ name, runsAtMs, readyAtMs }: Replica, nowMs: number): PodState {
  const phase = runsAtMs <= nowMs ? "Running" : "Pending";
  return { name, availability: 1, node: null, phase, ready: readyAtMs <= nowMs, qosClass: "Guaranteed" };
}

/** What Prometheus answers as of the last scrape. */
export function measuredBy({ p99Ms, requestsNow: requests }: Telemetry): Measured {
  if (p99Ms === null || requests === null) return new Map();
  return new Map([
    [
      intentName,
      new Map([
        [p99, { kind: "value", value: p99Ms } as const],
        [throughput, { kind: "value", value: requests } as const],
      ]),
    ],
  ]);
}

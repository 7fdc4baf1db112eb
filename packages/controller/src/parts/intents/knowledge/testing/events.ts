import type { PlanEvent } from "../../loop/ports.ts";
import type { Effect } from "../../models/effects.ts";

/** A moment of a service, for tests. */
export function aPlanEvent(part: Partial<PlanEvent> = {}): PlanEvent {
  return {
    name: "default/my-intent",
    timestampMs: Date.UTC(2026, 0, 1),
    currentObjectives: { "default/p99latency": 139.25, "default/throughput": 24.3 },
    desiredObjectives: { "default/p99latency": 100, "default/throughput": 0 },
    resources: { "0_cpu_requests": 500, "0_cpu_limits": 500 },
    annotations: { "linkerd.io/inject": "enabled" },
    pods: { "function-deployment-1": { availability: 1, nodename: "n1", state: "Running", qosclass: "Guaranteed" } },
    data: { cpu_value: { n1: 0.5 } },
    plan: [{ name: "scaleOut", properties: { factor: 3 } }],
    ...part,
  };
}

/** A model of CPU, for tests. */
export function anEffect(part: Partial<Effect> = {}): Effect {
  return {
    name: "default/my-intent",
    group: "vertical_scaling",
    profileName: "default/p99latency",
    static: false,
    timestamp: Date.UTC(2026, 0, 1),
    data: { popt: [100, 0.2, 50], cpuRange: [0.5, 4] },
    ...part,
  };
}

import type { LoopParts } from "@walras/controller/intents";

import type { Service } from "../service/service.ts";

type Actor = LoopParts["actor"];
type Plan = Parameters<Actor["execute"]>[1];

/**
 * Carries plans out on a simulated service: replicas as asked, CPU in place for
 * all pods there are. New pods have the CPU that they are declared with, until
 * the next plan.
 */
export function actorFor(service: Service): Actor {
  let before: { readonly replicas: number; readonly milli: number } | null = null;
  return {
    obstacleTo: () => null,
    execute: (seen, plan) => {
      before = { replicas: service.replicas.length, milli: seen.intent.resources.get("0_cpu_requests") ?? 0 };
      carryOut(service, plan);
      return Promise.resolve({ verdict: "Done", message: "" });
    },
    revert: () => {
      if (before === null) return Promise.resolve(null);
      service.scale(before.replicas);
      service.resize(before.milli);
      before = null;
      return Promise.resolve({ verdict: "RolledBack", message: "taken back" });
    },
    keepOnly: () => undefined,
  };
}

function carryOut(service: Service, plan: Plan): void {
  const gone = plan.flatMap(({ name, properties }) => (name === "rmPod" ? [String(properties["name"])] : []));
  service.remove(new Set(gone));
  for (const { name, properties } of plan) {
    if (name === "scaleCPU") service.resize(Number(properties["value"]));
    if (name === "scaleOut") service.scale(service.replicas.length + Number(properties["factor"]));
  }
}

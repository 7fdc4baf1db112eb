import type { MarketModeSetting } from "@walras/api";

import type { HorizontalState } from "../../../base/cluster/horizontal.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { actsOn, type VerticalState } from "../../../base/cluster/vertical.ts";
import type { Ineligibility } from "./eligibility.ts";

/** Who else looks at a pod's CPU request, or sets it. */
export interface Autoscalers {
  readonly horizontal: readonly HorizontalState[];
  readonly vertical: readonly VerticalState[];
}

/** Containers whose request is not changed, since an autoscaler divides by it. */
export interface KeptRequests {
  readonly containers: ReadonlySet<string>;
  /** Who divides, and what is managed all the same. */
  readonly message: string;
}

/** Two who size one field undo each other's work, so that a pod is left to the one who was told to. */
export function underVertical(pod: PodState, { vertical }: Autoscalers): Ineligibility | null {
  for (const autoscaler of vertical) {
    const container = pod.containers.find(({ name }) => actsOn(autoscaler, name));
    if (!container) continue;
    const { namespace, name, mode } = autoscaler;
    const message = `VerticalPodAutoscaler ${namespace}/${name} (updateMode ${mode}) sets the CPU of container ${container.name}`;
    return { reason: "UnderVpa", message };
  }
  return null;
}

/** A smaller request would be higher utilisation, and so more replicas, of a workload that needs no more. */
export function keptRequests(pod: PodState, { horizontal }: Autoscalers, mode: MarketModeSetting): KeptRequests | null {
  if (horizontal.length === 0) return null;
  const containers = new Set<string>();
  const reasons: string[] = [];
  for (const autoscaler of horizontal) {
    const kept = pod.containers.map(({ name }) => name).filter((name) => autoscaler.containers?.includes(name) ?? true);
    if (kept.length === 0) continue;
    for (const name of kept) containers.add(name);
    reasons.push(
      `HorizontalPodAutoscaler ${autoscaler.namespace}/${autoscaler.name} divides by ${divisor(autoscaler, kept)}`,
    );
  }
  if (containers.size === 0) return null;
  return { containers, message: `${reasons.join(", ")}: ${whatIsLeft(pod, mode)}` };
}

export function isKept(container: string, kept: KeptRequests | null): boolean {
  return kept?.containers.has(container) ?? false;
}

function divisor({ containers }: HorizontalState, kept: readonly string[]): string {
  return containers === null ? "its CPU request" : `the CPU request of container ${kept.join(", ")}`;
}

function whatIsLeft({ qos }: PodState, mode: MarketModeSetting): string {
  if (mode === "requests") return "it stays, and limits are not managed in mode requests";
  return qos === "Guaranteed" ? "it stays, and so does the limit of a Guaranteed pod" : "only its limit is managed";
}

import type { ContainerState, PodState, ResizeCondition } from "../../../base/cluster/pod.ts";
import { isSizable } from "../observe/eligibility.ts";

/** How the last resize of a pod stands, as far as the node has said. */
export type Verdict =
  | { readonly kind: "settled" }
  | { readonly kind: "inFlight" }
  | { readonly kind: "deferred"; readonly message: string }
  | { readonly kind: "infeasible"; readonly message: string }
  | { readonly kind: "error"; readonly message: string };

const settled: Verdict = { kind: "settled" };
const inFlight: Verdict = { kind: "inFlight" };

/**
 * Read from the pod alone, so that a controller that starts anew knows what the
 * one before it left behind. A condition counts only for the generation it
 * observed; success is what the status enforces, never what the spec desires. A
 * container that does not run has nothing to enforce.
 *
 * @param patchedGeneration the generation our last patch made; 0 without one.
 *   A pod older than that has not come back from the API server yet.
 */
export function verdict(pod: PodState, patchedGeneration: number): Verdict {
  if (pod.generation < patchedGeneration) return inFlight;
  const pending = current(pod.resizePending, pod.generation);
  const progress = current(pod.resizeInProgress, pod.generation);
  return fromPending(pending) ?? fromProgress(progress) ?? fromResources(pod, pending !== null || progress !== null);
}

function fromPending(pending: ResizeCondition | null): Verdict | null {
  if (pending?.reason === "Infeasible") return { kind: "infeasible", message: pending.message };
  return pending?.reason === "Deferred" ? { kind: "deferred", message: pending.message } : null;
}

function fromProgress(progress: ResizeCondition | null): Verdict | null {
  return progress?.reason === "Error" ? { kind: "error", message: progress.message } : null;
}

function fromResources(pod: PodState, underWay: boolean): Verdict {
  return !underWay && pod.containers.filter(isSizable).every(isEnforced) ? settled : inFlight;
}

/**
 * An in-progress condition carries the generation of the resize it acts on; a
 * kubelet before 1.34 tells none, then it counts.
 */
function current(condition: ResizeCondition | null, generation: number): ResizeCondition | null {
  if (!condition) return null;
  return (condition.observedGeneration ?? generation) >= generation ? condition : null;
}

/** Quotas and shares come back from the kernel with its rounding. */
const toleranceMilli = 9;

function isEnforced({ desired, actual }: ContainerState): boolean {
  if (actual === null) return false;
  return near(desired.requestMilli, actual.requestMilli) && near(desired.limitMilli, actual.limitMilli);
}

function near(desired: number | null, actual: number | null): boolean {
  if (desired === null || actual === null) return desired === actual;
  return Math.abs(desired - actual) <= toleranceMilli;
}

import { declaredResources } from "../allocation/declared.ts";
import type { AllocationState } from "../cluster/allocation.ts";
import type { PodState } from "../cluster/pod.ts";
import { isResizableNow } from "../resize/eligibility.ts";
import { type PodResize, resizeTo } from "../resize/plan.ts";
import type { Verdict } from "../resize/verdict.ts";

/**
 * The way back for a pod that opted out: what its owner declared is desired
 * again.
 *
 * @returns "done" when it has it, null while it must wait
 */
export function planRelease(
  pod: PodState,
  allocation: AllocationState | undefined,
  standing: Verdict,
): PodResize | "done" | null {
  const declared = declaredResources(pod, allocation);
  const containers = pod.containers.map(({ name, desired }) => ({
    name,
    requestMilli: declared.get(name)?.requestMilli ?? desired.requestMilli ?? 0,
    limitMilli: declared.get(name)?.limitMilli ?? null,
  }));
  const resize = resizeTo(pod, containers, "release");
  if (!resize) return "done";
  return standing.kind === "settled" && isResizableNow(pod) ? resize : null;
}

import type { Declared } from "../observe/allocation.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { isStaying, mustStayBelowLimit } from "../observe/eligibility.ts";
import { type ContainerResize, type PodResize, resizeTo } from "./resize.ts";
import type { Verdict } from "./verdict.ts";

/**
 * The way back for a pod that opted out or is left to another: what its owner declared is desired
 * again, for every container that has a request, whatever becomes of it.
 *
 * @returns "done" when it has it, null while it must wait
 */
export function planRelease(
  pod: PodState,
  declared: ReadonlyMap<string, Declared>,
  standing: Verdict,
): PodResize | "done" | null {
  const asking = pod.containers.filter(({ desired }) => desired.requestMilli !== null);
  const containers = asking.map(({ name, desired }) => {
    const before = declared.get(name);
    return before
      ? { name, ...before }
      : { name, requestMilli: desired.requestMilli ?? 0, limitMilli: desired.limitMilli };
  });
  return released(pod, containers, standing);
}

/**
 * The way back of limits alone, for a pod whose requests alone are managed from now on. A request that a limit went
 * along with comes down with it.
 *
 * @returns "done" when it has them, null while it must wait
 */
export function planLimitRelease(
  pod: PodState,
  declared: ReadonlyMap<string, Declared>,
  standing: Verdict,
  granuleMilli: number,
): PodResize | "done" | null {
  const gapMilli = mustStayBelowLimit(pod) ? granuleMilli : 0;
  const asking = pod.containers.filter(({ desired }) => desired.requestMilli !== null);
  const containers = asking.map(({ name, desired: { requestMilli, limitMilli } }) => {
    const before = limitMilli === null ? null : (declared.get(name)?.limitMilli ?? limitMilli);
    const mostMilli = before === null || before === limitMilli ? Infinity : before - gapMilli;
    return { name, requestMilli: Math.min(requestMilli ?? 0, mostMilli), limitMilli: before };
  });
  return released(pod, containers, standing);
}

function released(pod: PodState, to: readonly ContainerResize[], standing: Verdict): PodResize | "done" | null {
  const resize = resizeTo(pod, to, "release");
  if (!resize) return "done";
  // What waits to be started again starts with what it declared.
  return isStaying(pod) && standing.kind !== "inFlight" && standing.kind !== "error" ? resize : null;
}

import type { Millicores } from "@walras/kit";

import type { ContainerState, PodState } from "./pod.ts";

/**
 * What the scheduler and the kubelet count for the pod: its containers
 * together; what its start needed where that is more, since the node keeps it
 * for the pod's whole life; or what is asked for the pod as a whole; and the overhead.
 */
export function countedRequestMilli(pod: PodState): Millicores {
  return Math.max(runningMilli(pod), pod.initRequestMilli, pod.podRequestMilli ?? 0) + pod.overheadMilli;
}

/** What the pod would count for more, if its containers asked for so much more together. */
export function countedChangeMilli(pod: PodState, changeMilli: Millicores): Millicores {
  const running = runningMilli(pod);
  const counted = (milli: Millicores): Millicores => Math.max(milli, pod.initRequestMilli);
  return counted(running + changeMilli) - counted(running);
}

function runningMilli({ containers, resizePending }: PodState): Millicores {
  const infeasible = resizePending?.reason === "Infeasible";
  return containers.reduce((sum, container) => sum + countedOf(container, infeasible), 0);
}

/**
 * max(desired, allocated, actual) of a container (KEP-1287).
 *
 * @param infeasible whether what is desired will never be, and so does not count
 */
export function countedOf(container: ContainerState, infeasible = false): Millicores {
  const desired = infeasible ? 0 : (container.desired.requestMilli ?? 0);
  return Math.max(desired, container.allocatedMilli ?? 0, container.actual?.requestMilli ?? 0);
}

import type { ContainerState } from "../../../base/cluster/pod.ts";
import { granuleMilli } from "../decide/granules.ts";
import type { ManagedPod } from "../observe/managed.ts";
import { type ContainerResize, type PodResize, resizeTo } from "./resize.ts";

/**
 * The limits with which a pod's containers begin: whatever the node has, while it has room, for a container that loads its code
 * has been throttled for seconds before its first sample. Kernel weights protect the others.
 *
 * @param startMilli what the node gives who starts
 * @returns null where they have as much
 */
export function planStart({ pod, policy: { maxMilli } }: ManagedPod, startMilli: number): PodResize | null {
  const asking = pod.containers.filter(({ desired }) => desired.requestMilli !== null);
  const totalMilli = pod.containers.reduce((sum, { desired }) => sum + (desired.limitMilli ?? 0), 0);
  const shareOf = (limitMilli: number): number =>
    Math.min(startMilli, ((maxMilli ?? Infinity) * limitMilli) / totalMilli);
  return resizeTo(
    pod,
    asking.map((one) => begun(one, shareOf)),
    "start",
  );
}

function begun({ name, desired }: ContainerState, shareOf: (limitMilli: number) => number): ContainerResize {
  const { limitMilli } = desired;
  const requestMilli = desired.requestMilli ?? 0;
  if (limitMilli === null) return { name, requestMilli, limitMilli };
  const mostMilli = Math.floor(shareOf(limitMilli) / granuleMilli) * granuleMilli;
  return { name, requestMilli, limitMilli: Math.max(limitMilli, mostMilli) };
}

import type { PodState } from "../../../base/cluster/pod.ts";

/** What a pod's containers are to request together. */
export function requestOf({ containers }: PodState): number {
  return containers.reduce((sum, { desired }) => sum + (desired.requestMilli ?? 0), 0);
}

/** What of the containers have a limit; null: none has. */
export function limitOf(limits: readonly (number | null)[]): number | null {
  const set = limits.filter((limit) => limit !== null);
  return set.length === 0 ? null : set.reduce((sum, limit) => sum + limit, 0);
}

import { granuleMilli } from "../decide/granules.ts";
import { fitLimitsAlone } from "./fit.ts";
import type { PodResize } from "./resize.ts";

/** What may be sent now, in order, and which pods wait for room. */
export interface Admission {
  readonly resizes: readonly PodResize[];
  /** UIDs of pods whose raised request waits until others have shrunk. */
  readonly waiting: ReadonlySet<string>;
}

/**
 * Orders a node's resizes: decreases before increases, and an increase of a
 * request only into room that is free already, so that the sum of requests
 * stays within allocatable at every moment; what is given back goes before what is
 * only wanted. What does not fit yet goes with
 * its limit alone; its request follows when the node has confirmed the cuts.
 *
 * @param freeMilli allocatable less the counted requests of every pod on the node
 * @param heldMilli what resizes on their way will take of that, by pod UID
 */
export function admit(
  resizes: readonly PodResize[],
  freeMilli: number,
  heldMilli: ReadonlyMap<string, number> = new Map(),
): Admission {
  const ordered = resizes.toSorted((a, b) => rank(a) - rank(b) || a.requestDeltaMilli - b.requestDeltaMilli);
  const sent: PodResize[] = [];
  const waiting = new Set<string>();
  let free = freeMilli - [...heldMilli.values()].reduce((sum, milli) => sum + milli, 0);
  for (const resize of ordered) {
    // What is on its way for this pod is replaced by this, or was part of it.
    const moreMilli = Math.max(0, resize.requestDeltaMilli) - (heldMilli.get(resize.pod.uid) ?? 0);
    if (moreMilli <= 0 || moreMilli <= free) {
      free -= Math.max(0, moreMilli);
      sent.push(resize);
      continue;
    }
    waiting.add(resize.pod.uid);
    const limitsOnly = fitLimitsAlone(resize, granuleMilli);
    if (limitsOnly) sent.push(limitsOnly);
  }
  return { resizes: sent, waiting };
}

function rank({ requestDeltaMilli, cause }: PodResize): number {
  if (requestDeltaMilli <= 0) return 0;
  return cause === "release" ? 1 : 2;
}

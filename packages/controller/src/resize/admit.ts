import { type PodResize, withoutRaisedRequests } from "./plan.ts";

/** What may be sent now, in order, and which pods wait for room. */
export interface Admission {
  readonly resizes: readonly PodResize[];
  /** UIDs of pods whose raised request waits until others have shrunk. */
  readonly waiting: ReadonlySet<string>;
}

/**
 * Orders a node's resizes: decreases before increases, and an increase of a
 * request only into room that is free already, so that the sum of requests
 * stays within allocatable at every moment. What does not fit yet goes with
 * its limit alone; its request follows when the node has confirmed the cuts.
 *
 * @param freeMilli allocatable less the counted requests of every pod on the node
 */
export function admit(resizes: readonly PodResize[], freeMilli: number): Admission {
  const ordered = resizes.toSorted((a, b) => a.requestDeltaMilli - b.requestDeltaMilli);
  const sent: PodResize[] = [];
  const waiting = new Set<string>();
  let free = freeMilli;
  for (const resize of ordered) {
    if (resize.requestDeltaMilli <= 0 || resize.requestDeltaMilli <= free) {
      free -= Math.max(0, resize.requestDeltaMilli);
      sent.push(resize);
      continue;
    }
    waiting.add(resize.pod.uid);
    const limitsOnly = withoutRaisedRequests(resize);
    if (limitsOnly) sent.push(limitsOnly);
  }
  return { resizes: sent, waiting };
}

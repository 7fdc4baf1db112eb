import { divide } from "../cluster/kernel.ts";
import type { ClusterNode, ClusterPod } from "../cluster/node.ts";

/** A stretch of time in which nothing changes. */
interface Part {
  readonly step: number;
  readonly atMs: number;
  readonly forMs: number;
  readonly rations: boolean;
}

interface Played {
  /** Of rations. */
  writes: number;
  ranMs: number;
  starvedMs: number;
}

/** Less than this is rounding. */
const noticedMilli = 1;

/** Divides every node's CPU for a while, and tells the rules what was seen. */
export function playPart(nodes: readonly ClusterNode[], part: Part): Played {
  const played = { writes: 0, ranMs: 0, starvedMs: 0 };
  const endMs = part.atMs + part.forMs;
  for (const node of nodes) {
    const pods = [...node.pods].filter(({ startedMs }) => startedMs < endMs);
    const got = divide(
      node.allocatableMilli,
      pods.map((pod) => claimOf(pod, part)),
    );
    for (const [index, pod] of pods.entries()) settle(pod, got[index] ?? 0, part, played);
  }
  return played;
}

function claimOf(
  pod: ClusterPod,
  { step, rations }: Part,
): { weight: number; guaranteedMilli: number; wantedMilli: number } {
  const need = pod.needMilli[step] ?? 0;
  return {
    weight: Math.max(1, pod.admitted.requestMilli),
    guaranteedMilli: rations ? Math.min(need, pod.declared.requestMilli) : 0,
    wantedMilli: Math.min(need, pod.admitted.limitMilli ?? Infinity),
  };
}

function settle(pod: ClusterPod, gotMilli: number, part: Part, played: Played): void {
  const need = pod.needMilli[part.step] ?? 0;
  const endMs = part.atMs + part.forMs;
  const ranMs = endMs - Math.max(part.atMs, pod.startedMs);
  const limit = pod.admitted.limitMilli ?? Infinity;
  played.ranMs += ranMs;
  if (gotMilli < Math.min(need, pod.declared.requestMilli) - noticedMilli) played.starvedMs += ranMs;
  if (part.rations) played.writes += ration(pod, gotMilli, Math.min(need, limit));
  pod.sizing.observe({
    atMs: endMs,
    forMs: ranMs,
    usedMilli: gotMilli,
    throttledMilli: part.rations || gotMilli >= limit ? need - gotMilli : 0,
    requestMilli: pod.admitted.requestMilli,
  });
}

/** A quota is set where a pod gets less than it would use, and taken away where it does not. */
function ration(pod: ClusterPod, gotMilli: number, wantedMilli: number): number {
  const before = pod.rationMilli;
  pod.rationMilli = gotMilli < wantedMilli - noticedMilli ? Math.round(gotMilli) : null;
  return pod.rationMilli === before ? 0 : 1;
}

import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision } from "../decide/snapshot.ts";
import type { PodResize } from "./resize.ts";

/**
 * The resizes that go though more wait than can be written in time: of who is
 * throttled, or is about to be, or starts. Where a node has room nobody is
 * harmed by having the others later, and a queue of those would be too old
 * before it is written.
 */
export function urgentOf(resizes: readonly PodResize[], decision: NodeDecision): readonly PodResize[] {
  if (decision.mode !== "uncongested") return resizes;
  return resizes.filter(({ pod, cause }) => cause === "start" || isPressed(pod.uid, decision));
}

function isPressed(podUid: string, decision: NodeDecision): boolean {
  return targetsOf(decision, podUid).some(({ pressed }) => pressed);
}

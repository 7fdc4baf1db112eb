import type { NodeDecision, Target } from "./snapshot.ts";

const known = new WeakMap<NodeDecision, ReadonlyMap<string, readonly Target[]>>();
const none: readonly Target[] = [];

/** Whether a pod is to have the same. */
export function areSame(some: readonly Target[], others: readonly Target[]): boolean {
  return some.length === others.length && some.every((one, at) => isSame(one, others[at]));
}

function isSame(one: Target, other: Target | undefined): boolean {
  return (
    one.requestMilli === other?.requestMilli &&
    one.limitMilli === other.limitMilli &&
    one.rationMilli === other.rationMilli &&
    one.binding === other.binding &&
    one.pressed === other.pressed
  );
}

/** A pod's targets, of a decision that many ask for many pods. */
export function targetsOf(decision: NodeDecision, podUid: string): readonly Target[] {
  let byPod = known.get(decision);
  if (!byPod) {
    byPod = Map.groupBy(decision.targets, (target) => target.podUid);
    known.set(decision, byPod);
  }
  return byPod.get(podUid) ?? none;
}

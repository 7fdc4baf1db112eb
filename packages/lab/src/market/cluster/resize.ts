import type { Application, Resources } from "../rule.ts";
import type { ClusterNode, ClusterPod } from "./node.ts";

/** What became of what a rule wants. */
export type Resized = "kept" | "written" | "evicted";

export function wantedOf({ sizing, spec, startedMs }: ClusterPod, nowMs: number): Resources {
  return sizing.want({ nowMs, startedMs, has: spec });
}

/** Does what a rule wants of a pod on a node, the rule's way. */
export function resize(pod: ClusterPod, wanted: Resources, how: Application["resizes"], nowMs: number): Resized {
  const { spec, node } = pod;
  if (!node) return "kept";
  if (how === "by eviction") {
    if (same(wanted, spec)) return "kept";
    node.remove(pod, created(pod, nowMs));
    return "evicted";
  }
  pod.spec = how === "into room" ? withinRoom(wanted, pod, node) : wanted;
  admit(pod, node);
  return same(pod.spec, spec) ? "kept" : "written";
}

export function created(pod: ClusterPod, nowMs: number): Resources {
  return pod.sizing.atCreation(nowMs) ?? pod.declared;
}

function withinRoom(wanted: Resources, { spec }: ClusterPod, node: ClusterNode): Resources {
  const most = spec.requestMilli + Math.max(0, node.freeMilli);
  return wanted.requestMilli <= most ? wanted : { ...wanted, requestMilli: most };
}

/** All of a resize or nothing of it: what raises more than the node has left waits. */
function admit(pod: ClusterPod, node: ClusterNode): void {
  const raise = pod.spec.requestMilli - pod.admitted.requestMilli;
  if (raise <= 0 || raise <= node.unadmittedMilli) pod.admitted = pod.spec;
}

function same(a: Resources, b: Resources): boolean {
  return a.requestMilli === b.requestMilli && a.limitMilli === b.limitMilli;
}

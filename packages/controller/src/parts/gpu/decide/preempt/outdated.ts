import { barOf } from "../schedule/constraints.ts";
import type { Devices, SchedNode } from "../schedule/node.ts";
import type { SchedPod } from "../schedule/pod.ts";
import { type Place, roomOf, type Site } from "../schedule/site.ts";
import type { Nomination } from "./nomination.ts";
import { spotOn } from "./spot.ts";

/** What is known of the one node, just before somebody is evicted from it. */
export interface NewestOnNode {
  /** The pod that room is made for, as it is now; undefined: it is gone. */
  readonly pod: SchedPod | undefined;
  readonly node: SchedNode | undefined;
  readonly devices: Devices;
  /** Everybody on it. */
  readonly places: readonly Place[];
  readonly seats: Site["seats"];
  /** UIDs of those who leave for this pod or for others. */
  readonly going: ReadonlySet<string>;
}

/** Why somebody would be evicted in vain; null: the pod fits once those who leave for it, and for others there, have left. */
export function evictedInVain(
  { node: name }: Nomination,
  { pod, node, devices, places, seats, going }: NewestOnNode,
): string | null {
  if (!pod || pod.terminating || pod.ended || pod.gated) return "the pod is gone, or is gated";
  if (pod.node !== "") return `the pod is on ${pod.node} already`;
  if (!node) return `node ${name} is gone`;
  const bar = barOf(pod.constraints, node);
  if (bar !== null) return bar;
  const lower = (one: SchedPod): boolean => one.priority < pod.priority;
  const stay = places.filter((one) => one.pod.uid !== pod.uid && !(one.pod.terminating && lower(one.pod)));
  const room = roomOf(
    node,
    devices,
    stay.filter((one) => !going.has(one.pod.uid)),
    seats,
  );
  return spotOn(room, pod) === null ? "it would not fit after that" : null;
}

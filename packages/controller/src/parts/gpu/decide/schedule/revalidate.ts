import { type ClaimBook, claimedGpuLack } from "../claims/book.ts";
import { wholeMilli } from "../snapshot.ts";
import { barOf } from "./constraints.ts";
import type { Devices, SchedNode } from "./node.ts";
import type { Decision } from "./placer.ts";
import type { SchedPod } from "./pod.ts";
import { type MappedSeat, type Place, roomOf, shareOf, type Site, sits } from "./site.ts";
import { tierOf } from "./tier.ts";

/** What is known of the one node, just before a pod is bound to it. */
export interface Newest {
  /** The pod as it is now; undefined: it is gone. */
  readonly pod: SchedPod | undefined;
  readonly node: SchedNode | undefined;
  readonly devices: Devices;
  /** Everybody on it but the pod itself. */
  readonly others: readonly Place[];
  readonly seats: Site["seats"];
  readonly claims: ClaimBook;
}

/** Why what was decided cannot be any more; null: it can. */
export function outdated(decision: Decision, newest: Newest): string | null {
  const { pod, node, seats } = newest;
  if (!pod || pod.terminating || pod.ended) return "the pod is gone";
  if (pod.node !== "" || pod.gated) return pod.gated ? "the pod is gated" : `the pod is on ${pod.node} already`;
  if (isRemapped(decision, seats.get(pod.uid))) return "its scheduling map says something else by now";
  if (!node) return `node ${decision.node} is gone`;
  return barOf(pod.constraints, node) ?? lackOf(decision, pod, { ...newest, node });
}

function isRemapped(decision: Decision, mapped: MappedSeat | undefined): boolean {
  return mapped !== undefined && (mapped.map.conditions.length > 0 || !sits(decision, mapped.seat));
}

function lackOf(
  { devices: uuids, tier, shape, grants }: Decision,
  pod: SchedPod,
  { node, devices, others, seats, claims }: Newest & { readonly node: SchedNode },
): string | null {
  if (tier !== null && tierOf(pod, node) !== tier) return "node(s) had their GPUs given out otherwise";
  const room = roomOf(node, devices, others, seats);
  const lack = room.lackOf(pod);
  if (lack !== null || tier === null) return lack;
  const asking = { milli: shape.gpuMilli || wholeMilli, share: shareOf(pod, seats), byClaim: tier === "dra" };
  if (tier === "dra") return claims.lackOf(grants) ?? claimedGpuLack(room, freshGpus(grants), asking);
  if (uuids.length > 0) return room.gpuLackOf(uuids, asking);
  return room.pluginFree() < shape.gpus ? "node(s) had not enough of their GPUs free" : null;
}

/** What others of the same claim have already is no lack. */
function freshGpus(grants: Decision["grants"]): string[] {
  return grants.flatMap(({ granted }) => (granted ?? []).flatMap(({ device }) => device.uuids.slice(0, 1)));
}

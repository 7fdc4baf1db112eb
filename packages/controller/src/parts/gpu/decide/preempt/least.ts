import type { SchedPod } from "../schedule/pod.ts";
import type { Holding, Room } from "../schedule/room.ts";
import { spotOn } from "./spot.ts";

/** Who stands in the way on one node. */
export interface Tenants {
  /** They leave already. */
  readonly leaving: readonly Holding[];
  /** They may be evicted. */
  readonly evictable: readonly Holding[];
  /** Nobody but a nomination has them here: they lose that, and are not evicted. */
  readonly nominees: readonly Holding[];
}

/** A place on a node, and at whose cost. */
export interface Spot {
  readonly node: string;
  readonly devices: readonly string[];
  readonly victims: readonly SchedPod[];
  readonly displaced: readonly SchedPod[];
}

/**
 * A few tenants without whom the pod fits: all leave, and are let back one by one while the pod still fits, the important and those of
 * gangs first, as kube-scheduler reprieves its victims. The room is as it was after that.
 *
 * @returns null: it does not fit, whoever leaves
 */
export function leastOn(room: Room, pod: SchedPod, tenants: Tenants): Spot | null {
  const { leaving, evictable, nominees } = tenants;
  const all = [...leaving, ...evictable, ...nominees];
  for (const one of all) room.give(one);
  const fits = spotOn(room, pod) !== null;
  const spots = fits
    ? orders.flatMap((order) => reprieved(room, pod, { ...tenants, evictable: order(evictable) }))
    : [];
  for (const one of all) room.take(one);
  return spots.reduce<Spot | null>((best, spot) => (best && !isCheaper(spot, best) ? best : spot), null);
}

function reprieved(room: Room, pod: SchedPod, { evictable, nominees }: Tenants): Spot[] {
  const back: Holding[] = [];
  const gone = [...evictable, ...nominees].filter((one) => {
    room.take(one);
    const stays = spotOn(room, pod) !== null;
    if (stays) back.push(one);
    else room.give(one);
    return !stays;
  });
  const devices = spotOn(room, pod);
  for (const one of back) room.give(one);
  if (devices === null) return [];
  const isNominee = new Set(nominees);
  const pods = (nominated: boolean): SchedPod[] =>
    gone.filter((one) => isNominee.has(one) === nominated).map((one) => one.pod);
  return [{ node: room.node.name, devices, victims: pods(false), displaced: pods(true) }];
}

type Order = (holdings: readonly Holding[]) => Holding[];

/** By whom is let back first where priority does not say: who shares his GPUs with most; or who holds least. */
const orders: readonly Order[] = [
  (holdings) => sorted(holdings, (one) => [crowd(one, holdings), milliOf(one)]),
  (holdings) => sorted(holdings, (one) => [-milliOf(one)]),
];

function sorted(holdings: readonly Holding[], then: (one: Holding) => readonly number[]): Holding[] {
  const keys = new Map(
    holdings.map((one) => [one, [one.pod.gang ? 1 : 0, one.pod.priority, ...then(one), -one.pod.createdAtMs]]),
  );
  return holdings.toSorted((one, other) => compared(keys.get(other) ?? [], keys.get(one) ?? []));
}

function crowd({ devices }: Holding, holdings: readonly Holding[]): number {
  return holdings.filter((other) => other.devices.some((uuid) => devices.includes(uuid))).length;
}

function milliOf({ pod: { ask } }: Holding): number {
  return ask.gpus * ask.gpuMilli;
}

/** kube-scheduler's order: the lowest of the highest priorities, then of their sum, then the fewest; before these, gangs stay whole. */
export function isCheaper(one: Spot, other: Spot): boolean {
  return compared(costOf(one), costOf(other)) < 0;
}

function costOf({ victims, displaced }: Spot): readonly number[] {
  const priorities = victims.map(({ priority }) => priority);
  const gangs = new Set(victims.flatMap(({ namespace, gang }) => (gang ? [`${namespace} ${gang.name}`] : [])));
  const highest = Math.max(-Infinity, ...priorities);
  const lower = priorities.map((priority) => priority - lowestPriority);
  return [gangs.size, highest, lower.reduce((sum, priority) => sum + priority, 0), victims.length, displaced.length];
}

/** The API's: priorities are counted from here in sums, so that one victim more is never less. */
const lowestPriority = -(2 ** 31);

function compared(one: readonly number[], other: readonly number[]): number {
  for (const [at, value] of one.entries()) {
    const its = other[at] ?? 0;
    if (value !== its) return value < its ? -1 : 1;
  }
  return 0;
}

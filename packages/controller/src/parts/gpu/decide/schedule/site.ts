import type { ClaimWorld } from "../claims/book.ts";
import type { Rivalry } from "../claims/rivals.ts";
import { wholeMilli } from "../snapshot.ts";
import { type CheckedMap, checkMaps, type MapState, type Seat } from "./maps.ts";
import type { Devices, SchedNode } from "./node.ts";
import type { SchedPod } from "./pod.ts";
import { type Holding, Room } from "./room.ts";

/** Where a pod is going to be: it was decided, and the API server has not told of it yet. */
export interface Assumed {
  readonly node: string;
  readonly devices: readonly string[];
  /** Devices that its claims are going to have, by the claim's UID. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
}

/** Where pods are going to be once room has been made for them there, by UID. None of them has claims. */
export type Nominated = ReadonlyMap<string, Pick<Assumed, "node" | "devices">>;

/** Everything that a cycle decides from. */
export interface SchedWorld {
  readonly nodes: readonly SchedNode[];
  readonly devices: Devices;
  /** All that there are, by whatever scheduler. */
  readonly pods: readonly SchedPod[];
  readonly maps: readonly MapState[];
  /** By the pod's UID. */
  readonly assumed: ReadonlyMap<string, Assumed>;
  readonly nominated: Nominated;
  readonly claims: ClaimWorld;
  readonly rivalry: Rivalry;
}

/** A pod's seat, and the map that it is of. */
export interface MappedSeat {
  readonly map: CheckedMap;
  readonly seat: Seat;
}

/** A pod where it is, is going to be, or claims to be. */
export interface Place {
  readonly pod: SchedPod;
  readonly node: string;
  readonly devices: readonly string[];
  /** Nobody but its annotation says so, or it waits for those who leave for it. */
  readonly claimed: boolean;
}

/** The cluster as a cycle finds it. */
export interface Site {
  readonly rooms: ReadonlyMap<string, Room>;
  readonly maps: readonly CheckedMap[];
  /** By the pod's UID. */
  readonly seats: ReadonlyMap<string, MappedSeat>;
  /** By the pod's UID. */
  readonly places: ReadonlyMap<string, Place>;
}

export function survey(world: SchedWorld): Site {
  const { maps, seats } = seatsOf(world);
  const places = placesOf(world.pods, world);
  const held = Map.groupBy(places.values(), ({ node }) => node);
  const rooms = new Map(
    world.nodes.map((node) => [node.name, roomOf(node, world.devices, held.get(node.name) ?? [], seats)]),
  );
  const site = { rooms, maps, seats, places };
  for (const map of maps) if (map.conditions.length === 0) for (const seat of map.seats) keepSeat(site, seat);
  return site;
}

/** All maps, and who sits where by them. */
export function seatsOf(world: SchedWorld): Pick<Site, "maps" | "seats"> {
  const pods = world.pods.filter(({ ended, ours }) => ours && !ended);
  const maps = checkMaps(world.maps, { ...world, pods });
  return { maps, seats: new Map(maps.flatMap((map) => map.seats.flatMap((seat) => seated(map, seat)))) };
}

/** What is left of one node, with nothing kept for anybody. */
export function roomOf(node: SchedNode, devices: Devices, places: readonly Place[], seats: Site["seats"]): Room {
  const holdings = places.map(({ pod, devices: own }): Holding => ({ pod, devices: own, share: shareOf(pod, seats) }));
  return new Room(node, devices.get(node.name), holdings);
}

export function shareOf({ uid }: SchedPod, seats: Site["seats"]): string | null {
  return seats.get(uid)?.seat.share ?? null;
}

/** Keeps a seat's GPUs until its pod sits there. */
export function keepSeat({ rooms, places }: Pick<Site, "rooms" | "places">, seat: Seat): void {
  const place = seat.pod ? places.get(seat.pod.uid) : undefined;
  if (place && sits(place, seat)) return;
  const milli = seat.pod?.ask.gpuMilli || wholeMilli;
  rooms.get(seat.node)?.keep(seat.keeper, seat.uuids, { share: seat.share, milli, count: seat.entry.gpus.length });
}

export function releaseSeat({ rooms }: Pick<Site, "rooms">, { node, keeper, share }: Seat): void {
  rooms.get(node)?.release(keeper, share ?? keeper);
}

/** Whether a pod is where its seat is. */
export function sits({ node, devices }: Pick<Place, "node" | "devices">, { node: its, uuids }: Seat): boolean {
  return (
    node === its && uuids !== null && devices.length === uuids.length && uuids.every((uuid) => devices.includes(uuid))
  );
}

function seated(map: CheckedMap, seat: Seat): (readonly [string, MappedSeat])[] {
  return seat.pod ? [[seat.pod.uid, { map, seat }] as const] : [];
}

/** Where each pod is that is anywhere. */
export function placesOf(
  pods: Iterable<SchedPod>,
  { devices, assumed, nominated }: Pick<SchedWorld, "devices" | "assumed" | "nominated">,
): Map<string, Place> {
  const nodeOf = new Map([...devices].flatMap(([node, its]) => its.map(({ uuid }) => [uuid, node] as const)));
  const places = new Map<string, Place>();
  for (const pod of pods) {
    const place = pod.ended
      ? null
      : placeOf(pod, { assumed: assumed.get(pod.uid), nominated: nominated.get(pod.uid) }, nodeOf);
    if (place) places.set(pod.uid, place);
  }
  return places;
}

/** Where one pod is going to be. */
interface Going {
  readonly assumed: Assumed | undefined;
  readonly nominated: Pick<Assumed, "node" | "devices"> | undefined;
}

function placeOf(pod: SchedPod, { assumed, nominated }: Going, nodeOf: ReadonlyMap<string, string>): Place | null {
  if (pod.node !== "") return { pod, node: pod.node, devices: pod.ours ? pod.devices : [], claimed: false };
  if (assumed) return { pod, node: assumed.node, devices: assumed.devices, claimed: false };
  if (nominated) return { pod, node: nominated.node, devices: nominated.devices, claimed: true };
  const [first] = pod.ours ? pod.devices : [];
  const node = first === undefined ? undefined : nodeOf.get(first);
  return node === undefined ? null : { pod, node, devices: pod.devices, claimed: true };
}

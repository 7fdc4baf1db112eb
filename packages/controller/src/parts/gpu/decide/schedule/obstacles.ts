import { wholeMilli } from "../snapshot.ts";
import type { CheckedMap, Seat } from "./maps.ts";
import { hasClaims } from "./pod.ts";
import { keepSeat, releaseSeat, type Site, sits } from "./site.ts";

/** What keeps a seat from being taken now. */
export interface Obstacle {
  readonly message: string;
  /** It may be none: nothing is known of the node's GPUs. */
  readonly unknown: boolean;
}

/** Of the seats that nobody sits on. */
export function obstaclesOf({ seats }: CheckedMap, site: Site): Obstacle[] {
  return seats.flatMap((seat) => {
    const place = seat.pod ? site.places.get(seat.pod.uid) : undefined;
    return place && (!place.claimed || sits(place, seat)) ? [] : obstacleOf(seat, site);
  });
}

function obstacleOf(seat: Seat, site: Site): Obstacle[] {
  const message = seatLack(seat, site);
  const origin = `podIndex ${seat.entry.podIndex} on ${seat.entry.node}`;
  return message === null ? [] : [{ message: `${origin}: ${message}`, unknown: seat.uuids === null }];
}

/** Why a seat's GPUs cannot be had by whom they are kept for; null: they can. */
export function seatLack(seat: Seat, site: Pick<Site, "rooms" | "places">): string | null {
  const { uuids, share, entry } = seat;
  const room = site.rooms.get(seat.node);
  if (!room) return "node(s) were not there any more";
  if (uuids === null) return "node(s) had GPUs of which no agent tells";
  if (uuids.length < entry.gpus.length) return "node(s) had not all of these GPUs any more";
  releaseSeat(site, seat);
  const byClaim = seat.pod && hasClaims(seat.pod);
  const lack = room.gpuLackOf(uuids, { milli: seat.pod?.ask.gpuMilli || wholeMilli, share, byClaim });
  keepSeat(site, seat);
  return lack;
}

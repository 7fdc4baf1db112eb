import type { MapReport } from "./cycle.ts";
import type { Seat } from "./maps.ts";
import { seatLack } from "./obstacles.ts";
import type { SchedPod } from "./pod.ts";
import { type Place, type Site, sits } from "./site.ts";

interface Mover {
  readonly seat: Seat;
  readonly pod: SchedPod;
  readonly place: Place;
}

/**
 * The pods of a map that run elsewhere than it says, and can go where it says once all of these have left their places. None while
 * anything is wrong with the map. The rooms of the site are of no use after that.
 */
export function movesOf({ checked, hold, unknown }: MapReport, site: Site): SchedPod[] {
  if (checked.conditions.length > 0 || hold !== null || unknown) return [];
  let movers = checked.seats.flatMap((seat) => moverOf(seat, site));
  for (const mover of movers) leave(mover, site);
  let blocked: Mover[];
  do {
    blocked = movers.filter(({ seat }) => seatLack(seat, site) !== null);
    for (const mover of blocked) stay(mover, site);
    movers = movers.filter((mover) => !blocked.includes(mover));
  } while (blocked.length > 0);
  return movers.map(({ pod }) => pod);
}

function moverOf(seat: Seat, { places }: Site): Mover[] {
  const { pod } = seat;
  const place = pod ? places.get(pod.uid) : undefined;
  if (!pod || !place || pod.node === "" || pod.terminating || sits(place, seat)) return [];
  return [{ seat, pod, place }];
}

function leave({ pod, place, seat }: Mover, { rooms }: Site): void {
  rooms.get(place.node)?.give({ pod, share: seat.share });
}

function stay({ pod, place, seat }: Mover, { rooms }: Site): void {
  rooms.get(place.node)?.take({ pod, devices: place.devices, share: seat.share });
}

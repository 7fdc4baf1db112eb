import type { ClaimBook } from "../claims/book.ts";
import type { Grant } from "../claims/claim.ts";
import { claimsOf, findNode, type Found, type Quest } from "../claims/find.ts";
import type { Planner } from "../planner.ts";
import { type GpuPod, wholeMilli } from "../snapshot.ts";
import { barOf } from "./constraints.ts";
import { gpuNodeOf } from "./fleet.ts";
import { describeLacks } from "./lacks.ts";
import { type CheckedMap, gpuPodOf, type Seat } from "./maps.ts";
import { type Devices, modelOf } from "./node.ts";
import { seatLack } from "./obstacles.ts";
import { devicesAsked, hasClaims, type SchedPod } from "./pod.ts";
import type { Room } from "./room.ts";
import { keepSeat, type MappedSeat, type Place, releaseSeat, shareOf, type Site } from "./site.ts";
import { type Tier, tierOf } from "./tier.ts";

/** Where a pod goes. */
export interface Decision {
  readonly pod: SchedPod;
  readonly node: string;
  /** UUIDs; empty: none, or the kubelet chooses. */
  readonly devices: readonly string[];
  /** null: it gets no GPU. */
  readonly tier: Tier | null;
  readonly shape: GpuPod;
  /** What its claims get; empty: it has none. */
  readonly grants: readonly Grant[];
}

export interface PlacerParts {
  readonly site: Site;
  /** Of maps that no pod is placed by. */
  readonly holds: ReadonlyMap<CheckedMap, string>;
  /** Renewed with the rooms of the site, in their order. */
  readonly planner: Planner;
  readonly devices: Devices;
  readonly book: ClaimBook;
}

type Taking = Pick<Decision, "devices" | "shape"> & {
  readonly gpus: readonly number[] | null;
  readonly grants?: readonly Grant[];
};

/** Gives places one after another, and each takes what it takes. */
export class Placer {
  readonly #parts: PlacerParts;
  readonly #rooms: readonly Room[];
  readonly #indices: ReadonlyMap<string, number>;
  /** Why pods that ask for the same fit nowhere: in one cycle room only gets less. */
  readonly #refused = new Map<string, string>();
  /** Places that are kept for pods without one, by UID. */
  readonly #claims: Map<string, Place>;

  constructor(parts: PlacerParts) {
    const claimed = parts.site.places.values().filter((place) => place.claimed);
    this.#claims = new Map(claimed.map((place) => [place.pod.uid, place]));
    this.#parts = parts;
    this.#rooms = [...parts.site.rooms.values()];
    this.#indices = new Map(this.#rooms.map(({ node }, index) => [node.name, index]));
  }

  /** @returns why it gets no place, where it gets none */
  place(pod: SchedPod): Decision | string {
    const { constraints, complaint } = pod;
    if (complaint !== null) return complaint;
    const [unsupported] = constraints.unsupported;
    if (unsupported !== undefined) return `the pod asks for ${unsupported}, which this scheduler does not know`;
    const claim = this.release(pod);
    const mapped = this.#parts.site.seats.get(pod.uid);
    if (hasClaims(pod)) return this.#byClaims(pod, mapped);
    if (mapped) return this.#seat(pod, mapped.seat, this.#parts.holds.get(mapped.map) ?? null);
    return (claim && this.#goOn(pod, claim)) ?? this.#choose(pod);
  }

  undo({ pod, node, grants }: Decision): void {
    const { site, book } = this.#parts;
    const room = site.rooms.get(node);
    book.give(grants);
    room?.give({ pod, share: shareOf(pod, site.seats) });
    const mapped = site.seats.get(pod.uid);
    if (mapped) keepSeat(site, mapped.seat);
    if (room) this.#tell(room);
    this.#refused.clear();
  }

  /** What is kept for it is free for it, and for nobody else until it has had its turn. */
  release(pod: SchedPod): Place | null {
    const { site } = this.#parts;
    const place = this.#claims.get(pod.uid);
    const room = place && site.rooms.get(place.node);
    if (!place || !room) return null;
    this.#claims.delete(pod.uid);
    room.give({ pod, share: shareOf(pod, site.seats) });
    this.#tell(room);
    this.#refused.clear();
    return place;
  }

  /** Keeps a place for a pod, though others have not left it yet: nobody else gets what they leave. */
  hold({ pod, node, devices }: Pick<Place, "pod" | "node" | "devices">): void {
    const room = this.#parts.site.rooms.get(node);
    if (!room || this.holds(pod)) return;
    room.take({ pod, devices, share: null });
    this.#claims.set(pod.uid, { pod, node, devices, claimed: true });
    this.#tell(room);
  }

  holds({ uid }: SchedPod): boolean {
    return this.#claims.has(uid);
  }

  /** Whether it goes wherever there is room: nothing that it asks for, no claim and no map keeps it from that. */
  isFree(pod: SchedPod): boolean {
    const { complaint, constraints, uid } = pod;
    const asksForMore = complaint !== null || constraints.unsupported.length > 0 || hasClaims(pod);
    return !asksForMore && !this.#parts.site.seats.has(uid);
  }

  /** The nodes that it may run on, whatever room they have. */
  roomsFor(pod: SchedPod): Room[] {
    return this.#rooms.filter((room) => this.#barOf(pod, room) === null && this.#accepts(pod, room.node.name));
  }

  /** The planner counts from what is left of a room. */
  #tell(room: Room): void {
    const { planner, devices } = this.#parts;
    planner.fleet.set(this.#indices.get(room.node.name) ?? 0, gpuNodeOf(room, devices));
  }

  #seat(pod: SchedPod, seat: Seat, hold: string | null): Decision | string {
    if (hold !== null) return hold;
    const room = this.#seatRoom(pod, seat);
    if (typeof room === "string") return room;
    releaseSeat(this.#parts.site, seat);
    const shape = gpuPodOf(pod, seat.entry.gpus.length, pod.name);
    const decision = this.#take(pod, room, { devices: seat.uuids ?? [], gpus: [], shape });
    this.#tell(room);
    return decision;
  }

  /** The node of a seat that can be had; or why it cannot. */
  #seatRoom(pod: SchedPod, seat: Seat): Room | string {
    const room = this.#parts.site.rooms.get(seat.node);
    const lack = room
      ? (this.#barOf(pod, room) ?? room.lackOf(pod) ?? seatLack(seat, this.#parts.site))
      : "no such node";
    if (room && lack === null) return room;
    return `its scheduling map names ${seat.entry.node}, and no other node is asked: ${lack}`;
  }

  /** Of a map the UUIDs decide, whatever else its claims would take. */
  #byClaims(pod: SchedPod, mapped: MappedSeat | undefined): Decision | string {
    const { site, book, holds } = this.#parts;
    const hold = mapped && holds.get(mapped.map);
    const claims = hold ?? claimsOf(pod, book);
    if (typeof claims === "string") return claims;
    if (!mapped) return this.#takeFound(pod, this.#find({ pod, claims, only: null, share: null }));
    const room = this.#seatRoom(pod, mapped.seat);
    if (typeof room === "string") return room;
    releaseSeat(site, mapped.seat);
    const quest = { pod, claims, only: mapped.seat.uuids, share: shareOf(pod, site.seats), rooms: [room] };
    const found = findNode(quest, book, 1);
    if (typeof found === "string") keepSeat(site, mapped.seat);
    return this.#takeFound(pod, found);
  }

  #takeFound(pod: SchedPod, found: Found | string): Decision | string {
    if (typeof found === "string") return found;
    const { room, uuids, grants } = found;
    const shape = { ...gpuPodOf(pod, 0, pod.name), gpus: uuids.length, gpuMilli: wholeMilli };
    return this.#take(pod, room, { devices: uuids, gpus: null, shape, grants });
  }

  #find(quest: Omit<Quest, "rooms">): Found | string {
    const { pod, claims } = quest;
    const wanted = claims.map(({ requests, constraints, allocation }) => [requests, constraints, allocation]);
    const asked = JSON.stringify([pod.request, pod.constraints, wanted]);
    const before = this.#refused.get(asked);
    if (before !== undefined) return before;
    const lacks = this.#rooms.map((room) => ({ room, lack: this.#barOf(pod, room) ?? room.lackOf(pod) }));
    const rooms = lacks.flatMap(({ room, lack }) => (lack === null ? [room] : []));
    const found =
      rooms.length > 0
        ? findNode({ ...quest, rooms }, this.#parts.book, this.#rooms.length)
        : describeLacks(
            lacks.flatMap(({ lack }) => lack ?? []),
            this.#rooms.length,
          );
    if (typeof found === "string") this.#refused.set(asked, found);
    return found;
  }

  /** Goes on with what another leader began, where that can still be. */
  #goOn(pod: SchedPod, { node, devices }: Place): Decision | null {
    const room = this.#parts.site.rooms.get(node);
    const shape = gpuPodOf(pod, 0, pod.name);
    if (!room || pod.ask.plugin || devices.length !== devicesAsked(pod.ask)) return null;
    const asking = { milli: shape.gpuMilli || wholeMilli, share: null, byClaim: false };
    const lack = this.#barOf(pod, room) ?? room.lackOf(pod) ?? room.gpuLackOf(devices, asking);
    return lack === null && this.#accepts(pod, node) ? this.#take(pod, room, { devices, gpus: null, shape }) : null;
  }

  #choose(pod: SchedPod): Decision | string {
    const asked = JSON.stringify([pod.request, pod.ask, pod.constraints]);
    const before = this.#refused.get(asked);
    if (before !== undefined) return before;
    const shape = gpuPodOf(pod, 0, pod.name);
    const choice = this.#parts.planner.choose(shape, (index) => this.#allows(pod, index));
    const room = choice ? this.#rooms[choice.node] : undefined;
    if (!choice || !room) {
      const why = describeLacks(
        this.#rooms.map((one) => this.#lackOf(pod, one)),
        this.#rooms.length,
      );
      this.#refused.set(asked, why);
      return why;
    }
    const devices = devicesOf(pod, room, choice.gpus);
    return this.#take(pod, room, { devices, gpus: choice.gpus, shape });
  }

  #take(pod: SchedPod, room: Room, { devices, gpus, shape, grants = [] }: Taking): Decision {
    const { planner, site, book } = this.#parts;
    const { name } = room.node;
    book.take(grants);
    room.take({ pod, devices, share: shareOf(pod, site.seats) });
    if (gpus) planner.assume(shape, this.#indices.get(name) ?? 0, gpus);
    else this.#tell(room);
    const none = shape.gpus === 0 && pod.ask.mig === null && grants.length === 0;
    return { pod, node: name, devices, tier: none ? null : tierOf(pod, room.node), shape, grants };
  }

  #allows(pod: SchedPod, index: number): boolean {
    const room = this.#rooms[index];
    if (room === undefined || this.#barOf(pod, room) !== null || room.lackOf(pod) !== null) return false;
    return pod.ask.mig === null || (this.#accepts(pod, room.node.name) && room.freeInstance(pod.ask.mig) !== undefined);
  }

  /** Whatever room there is. */
  #barOf(pod: SchedPod, { node }: Room): string | null {
    const mapped = this.#parts.site.seats.get(pod.uid);
    const needsGpu = devicesAsked(pod.ask) > 0 || (mapped?.seat.entry.gpus.length ?? 0) > 0;
    if (needsGpu && tierOf(pod, node) === null)
      return "node(s) had GPUs of a device plugin, which the pod does not ask";
    return barOf(pod.constraints, node);
  }

  #lackOf(pod: SchedPod, room: Room): string {
    const lack = this.#barOf(pod, room) ?? room.lackOf(pod);
    if (lack !== null) return lack;
    if (!this.#accepts(pod, room.node.name)) return `node(s) had no GPU of model ${pod.ask.models.join(" or ")}`;
    if (!room.known && !pod.ask.plugin) return "node(s) had GPUs of which no agent tells";
    if (pod.ask.mig !== null) return `node(s) had no MIG instance ${pod.ask.mig} free`;
    return "node(s) had not enough of their GPUs free";
  }

  #accepts(pod: SchedPod, node: string): boolean {
    const room = this.#parts.site.rooms.get(node);
    if (room === undefined) return false;
    const model = modelOf(room.node, this.#parts.devices.get(node));
    return devicesAsked(pod.ask) === 0 || pod.ask.models.length === 0 || pod.ask.models.includes(model);
  }
}

/** UUIDs; empty where it gets none, or the kubelet chooses. */
function devicesOf({ ask }: SchedPod, room: Room, gpus: readonly number[]): readonly string[] {
  if (ask.plugin) return [];
  const instance = ask.mig === null ? undefined : room.freeInstance(ask.mig);
  return instance === undefined ? gpus.flatMap((gpu) => room.uuidOf(gpu) ?? []) : [instance];
}

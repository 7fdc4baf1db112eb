import { matchesAny } from "../schedule/constraints.ts";
import { describeLacks } from "../schedule/lacks.ts";
import type { SchedPod } from "../schedule/pod.ts";
import type { Room } from "../schedule/room.ts";
import { wholeMilli } from "../snapshot.ts";
import { allocate } from "./allocate.ts";
import { type ClaimBook, claimedGpuLack } from "./book.ts";
import { NotUnderstood } from "./cel/lex.ts";
import { selectorOf } from "./cel/selector.ts";
import { type Claim, type Grant, mostReserved, type PublishedDevice } from "./claim.ts";

/** Where a pod with claims goes, and what these get there. */
export interface Found {
  readonly room: Room;
  readonly grants: readonly Grant[];
  /** UUIDs of the GPUs among its devices. */
  readonly uuids: readonly string[];
}

/** What is looked for, and where. */
export interface Quest {
  readonly pod: SchedPod;
  readonly claims: readonly Claim[];
  /** Where it may run, with room for it. */
  readonly rooms: readonly Room[];
  /** UUIDs of a scheduling map: these and no other GPUs; null: any. */
  readonly only: readonly string[] | null;
  /** By which it shares GPUs, by its map. */
  readonly share: string | null;
}

/** The claims of a pod, or why it has to wait for them. */
export function claimsOf(pod: SchedPod, book: ClaimBook): readonly Claim[] | string {
  if (pod.claimLack !== null) return pod.claimLack;
  const claims: Claim[] = [];
  for (const name of pod.claims) {
    const claim = book.world.claim(pod.namespace, name);
    const lack = claim ? claimLack(claim, pod, book) : `ResourceClaim ${name} was not found`;
    if (lack !== null || !claim) return lack ?? "";
    claims.push(claim);
  }
  return claims;
}

function claimLack(claim: Claim, pod: SchedPod, book: ClaimBook): string | null {
  const named = `ResourceClaim ${claim.name}`;
  if (claim.deleting) return `${named} is being deleted`;
  if (claim.allocation) return usedLack(claim, pod, book);
  if (book.isUnderway(claim.uid)) return `${named} is being allocated for another pod`;
  if (claim.unsupported !== null) return `${named} asks for ${claim.unsupported}, which this scheduler does not know`;
  for (const request of claim.requests.flat()) {
    const known = book.world.deviceClass(request.className);
    if (!known) return `DeviceClass ${request.className} of ${named} was not found`;
    const expressions = [...known.selectors, ...request.selectors];
    const why = expressions.map(unreadable).find((one) => one !== null);
    if (why !== undefined && why !== null) return `${named}, request ${request.name}: ${why}`;
  }
  return null;
}

/** Why one that is allocated already cannot be used; null: it can. */
function usedLack(claim: Claim, pod: SchedPod, book: ClaimBook): string | null {
  const named = `ResourceClaim ${claim.name}`;
  const others = claim.reservedFor.filter(({ uid }) => uid !== pod.uid);
  if (others.length >= mostReserved) return `${named} is used by ${others.length} pods already`;
  const conflict = book.conflictOf(claim);
  if (conflict !== null) return `${named}: ${conflict}`;
  const ours = claim.reservedFor.some(({ uid }) => uid === pod.uid);
  return ours && book.world.isContested(claim.uid) ? `${named} is allocated anew: another claim had its device` : null;
}

function unreadable(expression: string): string | null {
  try {
    selectorOf(expression);
    return null;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return `its selector is not understood: ${error.message}`;
  }
}

/** The node with the fewest free devices that has enough: what is whole stays whole. @returns what all of them lack, where none has */
export function findNode(quest: Quest, book: ClaimBook, nodes: number): Found | string {
  const { rooms, pod } = quest;
  const fresh = quest.claims.filter(({ allocation }) => allocation === null);
  const counted = rooms.map((room) => ({ room, free: fresh.length === 0 ? 0 : freeOn(room, book) }));
  const order = (name: string): number => hash(`${pod.uid} ${name}`);
  counted.sort((one, other) => one.free - other.free || order(one.room.node.name) - order(other.room.node.name));
  const lacks: string[] = [];
  for (const { room } of counted) {
    const found = findOn(room, quest, book);
    if (typeof found !== "string") return found;
    lacks.push(found);
  }
  const lack = describeLacks(lacks, nodes);
  // Who waits changes all the time: the condition of each of ours would be written again each time.
  return book.rivalry.waits ? `pods of other schedulers wait for devices, and come first: ${lack}` : lack;
}

function freeOn(room: Room, book: ClaimBook): number {
  return book.world.devicesOn(room.node.name).filter(({ id }) => book.isToGive(id)).length;
}

function findOn(room: Room, { pod, claims, only, share }: Quest, book: ClaimBook): Found | string {
  const elsewhere = claims.find(({ allocation }) => allocation && !matchesAny(allocation.terms, room.node));
  if (elsewhere) return `node(s) had not the devices of a claim that is allocated`;
  const fresh = claims.filter(({ allocation }) => allocation === null);
  const asking = { milli: wholeMilli, share, byClaim: true };
  // The GPU that an instance is a part of is not to be had, and need not be.
  const bars = (uuids: readonly string[]): boolean => claimedGpuLack(room, uuids.slice(0, 1), asking) !== null;
  const allocated = allocate(fresh, {
    devices: turned(book.world.devicesOn(room.node.name), hash(pod.uid)),
    isFree: ({ id, uuids }) => book.isToGive(id) && isMeant(uuids, only) && !(uuids.length > 0 && bars(uuids)),
    selectorsOf: (name) => book.world.deviceClass(name)?.selectors ?? [],
  });
  if (typeof allocated === "string") return allocated;
  const grants = claims.map((claim) => allocated.find((grant) => grant.claim === claim) ?? { claim, granted: null });
  const uuids = grants.flatMap((grant) => uuidsOf(grant, book));
  const unused = only?.filter((uuid) => !uuids.includes(uuid)) ?? [];
  const unmeant = only === null ? [] : uuids.filter((uuid) => !only.includes(uuid));
  if (unused.length > 0) return `node(s) had GPU ${unused.join(", ")} of the map, which its claims do not ask`;
  if (unmeant.length > 0)
    return `node(s) had its claims allocated with GPU ${unmeant.join(", ")}, which its map does not name`;
  return { room, grants, uuids };
}

/** A map names GPUs: what is none is not its business. */
function isMeant([uuid]: readonly string[], only: readonly string[] | null): boolean {
  return uuid === undefined || only === null || only.includes(uuid);
}

function uuidsOf({ claim, granted }: Grant, { world }: ClaimBook): string[] {
  const devices: readonly (PublishedDevice | undefined)[] =
    granted?.map(({ device }) => device) ?? claim.allocation?.devices.map((id) => world.device(id)) ?? [];
  return devices.flatMap((device) => device?.uuids.slice(0, 1) ?? []);
}

/** Schedulers that do not know of each other do not all begin with the same device. */
function turned<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return at === 0 ? items : [...items.slice(at), ...items.slice(0, at)];
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619) >>> 0;
  return value;
}

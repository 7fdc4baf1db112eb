import { ClaimBook } from "../claims/book.ts";
import type { Planner } from "../planner.ts";
import { RoomMaker } from "../preempt/maker.ts";
import { noRoomMade, type Preempting, type RoomMade } from "../preempt/nomination.ts";
import { gpuNodesOf } from "./fleet.ts";
import type { CheckedMap } from "./maps.ts";
import { obstaclesOf } from "./obstacles.ts";
import { podKey, type SchedPod } from "./pod.ts";
import { type Decision, Placer } from "./placer.ts";
import { type SchedWorld, type Site, survey } from "./site.ts";

/** A pod that gets no place now, and why. */
export interface Failure {
  readonly pod: SchedPod;
  readonly message: string;
}

/** A map, and what keeps those of its pods that have no place. */
export interface MapReport {
  readonly checked: CheckedMap;
  /** Why none of its pods is placed; null: they are, as each can be. */
  readonly hold: string | null;
  /** It cannot be said whether it is right: of some node nothing is known. */
  readonly unknown: boolean;
}

export interface CycleResult {
  /** Each is bound together or not at all. */
  readonly batches: readonly (readonly Decision[])[];
  readonly failures: readonly Failure[];
  readonly maps: readonly MapReport[];
  readonly site: Site;
  readonly room: RoomMade;
}

/** Who waits, and whose turn it is. */
export interface Waiting {
  /** Neither bound nor assumed to be, and not gated. */
  readonly pods: readonly SchedPod[];
  readonly isReady: (uid: string) => boolean;
}

/**
 * Decides for all whose turn it is, the most important first, and of these the oldest.
 *
 * @param preempting null: nobody is evicted for anybody
 */
export function decideCycle(
  world: SchedWorld,
  waiting: Waiting,
  planner: Planner,
  preempting: Preempting | null = null,
): CycleResult {
  const site = survey(world);
  const maps = site.maps.map((checked) => reportOf(checked, site));
  const holds = new Map(maps.flatMap(({ checked, hold }) => (hold === null ? [] : [[checked, hold] as const])));
  planner.renew(gpuNodesOf(site.rooms, world.devices));
  const placer = new Placer({ site, holds, planner, devices: world.devices, book: bookOf(world) });
  const maker = preempting && new RoomMaker({ site, placer, preempting });
  const batches: Decision[][] = [];
  const failures: Failure[] = [];
  for (const unit of unitsOf(waiting)) {
    const outcome = decideUnit(unit, placer, site);
    if ("batch" in outcome) batches.push(outcome.batch);
    else failures.push(...withRoom(outcome, maker));
  }
  return { batches, failures, maps, site, room: maker ?? noRoomMade };
}

/** Those who have no place say for whom others leave. */
function withRoom({ failures, whole }: Failed, maker: RoomMaker | null): readonly Failure[] {
  const made = whole ? (maker?.for(failures.map(({ pod }) => pod)) ?? null) : null;
  if (made === null) return failures;
  return failures.map(({ pod, message }) => ({ pod, message: `${message} ${made}` }));
}

function bookOf({ claims, assumed, rivalry }: SchedWorld): ClaimBook {
  return new ClaimBook(
    claims,
    [...assumed.values()].map((one) => one.claims),
    rivalry,
  );
}

function reportOf(checked: CheckedMap, site: Site): MapReport {
  const [condition] = checked.conditions;
  const named = `scheduling map ${checked.state.key}`;
  if (condition) return { checked, hold: `${named}: ${condition.message}`, unknown: false };
  const obstacles = obstaclesOf(checked, site);
  const unknown = obstacles.some((one) => one.unknown);
  const begun = checked.seats.some(({ pod }) => pod !== null && site.places.get(pod.uid)?.claimed === false);
  const [first] = obstacles;
  // Before anything is placed all of it must be possible; after that each seat is by itself.
  return { checked, unknown, hold: begun || !first ? null : `${named}: ${first.message}` };
}

/** A gang's pods have their turn when one of them has. */
function unitsOf({ pods, isReady }: Waiting): SchedPod[][] {
  const units = Map.groupBy(pods.toSorted(byTurn), (pod) => gangKey(pod) ?? pod.uid);
  return [...units.values()].filter((unit) => unit.some(({ uid }) => isReady(uid)));
}

function gangKey({ namespace, gang }: SchedPod): string | null {
  return gang && `${namespace} ${gang.name}`;
}

function byTurn(one: SchedPod, other: SchedPod): number {
  const first = other.priority - one.priority || one.createdAtMs - other.createdAtMs;
  return first || (podKey(one) < podKey(other) ? -1 : 1);
}

interface Failed {
  readonly failures: readonly Failure[];
  /** All of its gang are there, so that room can be made for it. */
  readonly whole: boolean;
}

type Outcome = { readonly batch: Decision[] } | Failed;

function decideUnit(unit: readonly SchedPod[], placer: Placer, site: Site): Outcome {
  const missing = missingOf(unit, site);
  if (missing !== null) return { failures: unit.map((pod) => ({ pod, message: missing })), whole: false };
  const batch: Decision[] = [];
  for (const pod of unit) {
    const placed = placer.place(pod);
    if (typeof placed !== "string") {
      batch.push(placed);
      continue;
    }
    for (const other of batch.toReversed()) placer.undo(other);
    const failures = unit.map((one) => ({ pod: one, message: one === pod ? placed : together(one, pod, placed) }));
    return { failures, whole: true };
  }
  return { batch };
}

function together({ gang }: SchedPod, { name }: SchedPod, message: string): string {
  return `gang ${gang?.name ?? ""} is placed together or not at all, and ${name} is not: ${message}`;
}

/** Why a gang is not whole; null: it is, or there is none. */
function missingOf(unit: readonly SchedPod[], { places }: Site): string | null {
  const [first] = unit;
  const key = first && gangKey(first);
  if (!first?.gang || !key) return null;
  const placed = places.values().filter(({ pod, claimed }) => !claimed && gangKey(pod) === key);
  const there = unit.length + [...placed].length;
  const size = Math.max(...unit.map(({ gang }) => gang?.size ?? 0));
  return there >= size ? null : `gang ${first.gang.name} has ${there} of ${size} pods`;
}

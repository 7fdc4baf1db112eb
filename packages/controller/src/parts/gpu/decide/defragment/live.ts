import { Allowance, type Budget } from "../preempt/budget.ts";
import type { Nomination } from "../preempt/nomination.ts";
import type { Planner } from "../planner.ts";
import { barOf } from "../schedule/constraints.ts";
import { gpuNodesOf } from "../schedule/fleet.ts";
import { gpuPodOf } from "../schedule/maps.ts";
import { hasClaims, podKey, type SchedPod } from "../schedule/pod.ts";
import type { Holding, Room } from "../schedule/room.ts";
import { type SchedWorld, type Site, survey } from "../schedule/site.ts";
import { tierOf } from "../schedule/tier.ts";
import type { GpuPod } from "../snapshot.ts";
import { type Admission, defragment } from "./defragment.ts";
import type { Standing } from "./standing.ts";

/** No more pods than this part of those that stand move at a time. */
const mostPart = 0.01;

/** What a defragmentation of the cluster would do now. */
export interface ClusterPlan {
  /** How many pods have no place. */
  readonly waiting: number;
  readonly mostMoves: number;
  readonly admissions: readonly Admission[];
  /** The same as who leaves for whom; without those for whom nobody need leave. */
  readonly nominations: readonly Nomination[];
}

export interface LiveRequest {
  readonly world: SchedWorld;
  /** Those without a place, neither gated nor assumed to have one. */
  readonly waiting: readonly SchedPod[];
  readonly budgets: readonly Budget[];
  /** It is used for nothing else. */
  readonly planner: Planner;
}

/**
 * Which pods would have to move so that those that wait have room, at most 1 % of them. Only those move which will be made again or
 * whose owner has agreed, whose GPUs were chosen by name, which no map or gang binds, whose budgets let them, and which are no more
 * important than anybody who waits.
 */
export function planCluster({ world, waiting, budgets, planner }: LiveRequest): ClusterPlan {
  const site = survey(world);
  planner.renew(gpuNodesOf(site.rooms, world.devices));
  const rooms = [...site.rooms.values()];
  const wanting = waiting.filter((pod) => mayBeHelped(pod, site));
  const standing = standingOf(site, rooms, { planner, budgets, waiting: wanting });
  const pods = new Map([...standing.map(({ own }) => own), ...wanting].map((pod) => [podKey(pod), pod]));
  const mostMoves = standing.length === 0 ? 0 : Math.max(1, Math.floor(standing.length * mostPart));
  const { admissions } = defragment({
    planner,
    standing,
    waiting: wanting.map((pod) => gpuPodOf(pod, 0, podKey(pod))),
    mostMoves,
    allows: (pod, node) => mayRun(pods.get(pod.name), rooms[node]),
  });
  return {
    waiting: waiting.length,
    mostMoves,
    admissions,
    nominations: admissions.flatMap((admission) => nominationOf(admission, pods, site)),
  };
}

interface OwnStanding extends Standing {
  readonly own: SchedPod;
}

function standingOf(
  site: Site,
  rooms: readonly Room[],
  { planner, budgets, waiting }: Omit<LiveRequest, "world">,
): OwnStanding[] {
  const least = Math.min(...waiting.map(({ priority }) => priority));
  const indices = new Map(rooms.map(({ node }, index) => [node.name, index]));
  const places = [...site.places.values()].filter(({ pod, claimed }) => pod.ours && !claimed);
  const allowed = new Allowance(budgets).within(
    places.map(({ pod }) => pod).filter((pod) => mayMove(pod, site) && pod.priority <= least),
  );
  return places.flatMap(({ pod, node, devices }): OwnStanding[] => {
    const index = indices.get(node);
    if (index === undefined) return [];
    const gpus = devices.flatMap((uuid) => rooms[index]?.indexOf(uuid) ?? []);
    const shape: GpuPod = gpuPodOf(pod, 0, podKey(pod));
    const fixed = !allowed.has(pod) || gpus.length !== shape.gpus || !canBeHad(rooms[index], { pod, devices });
    return [{ own: pod, pod: shape, shape: planner.shapeOf(shape), node: index, gpus, fixed }];
  });
}

/** Whether anybody could have its GPUs after it: they are well, and nobody else is on them. */
function canBeHad(room: Room | undefined, { pod, devices }: Pick<Holding, "pod" | "devices">): boolean {
  if (!room || devices.length === 0) return room !== undefined;
  const holding = { pod, devices, share: null };
  room.give(holding);
  const lack = room.gpuLackOf(devices, { milli: pod.ask.gpuMilli, share: null, byClaim: false });
  room.take(holding);
  return lack === null;
}

function mayMove(pod: SchedPod, { seats }: Site): boolean {
  if (pod.node === "" || pod.terminating || pod.gang !== null || seats.has(pod.uid)) return false;
  return pod.ask.mig === null && !hasClaims(pod) && !pod.ask.plugin && (pod.movable ?? pod.workload !== null);
}

function mayBeHelped(pod: SchedPod, { seats, places }: Site): boolean {
  const { ask, complaint, constraints, gang, uid } = pod;
  if (complaint !== null || constraints.unsupported.length > 0 || gang !== null) return false;
  return ask.gpus > 0 && !ask.plugin && !seats.has(uid) && !places.has(uid);
}

function mayRun(pod: SchedPod | undefined, room: Room | undefined): boolean {
  if (!pod || !room || barOf(pod.constraints, room.node) !== null) return false;
  return (pod.ask.gpus === 0 || tierOf(pod, room.node) !== null) && room.lackBesides(pod, ["cpu", "memory"]) === null;
}

function nominationOf({ placed, moves }: Admission, pods: ReadonlyMap<string, SchedPod>, site: Site): Nomination[] {
  const pod = pods.get(placed.pod);
  if (!pod || moves.length === 0) return [];
  const victims = moves.flatMap((move) => pods.get(move.pod) ?? []);
  const room = site.rooms.get(placed.node);
  const devices = placed.gpus.flatMap((gpu) => room?.uuidOf(gpu) ?? []);
  return [{ pod, node: placed.node, devices, victims, by: "defragmentation" }];
}

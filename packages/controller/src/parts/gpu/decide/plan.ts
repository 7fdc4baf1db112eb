import { defragment, type PodMove } from "./defragment/defragment.ts";
import { checkMap, ordinalOf } from "./map/check.ts";
import type { MapCondition, Pinned, SchedulingMap } from "./map/entry.ts";
import { Planner } from "./planner.ts";
import { type GpuNode, type GpuPod, type Placement, type Unplaced, wholeMilli } from "./snapshot.ts";

export interface PlanRequest {
  readonly nodes: readonly GpuNode[];
  /** In the order in which they arrive. */
  readonly pods: readonly GpuPod[];
  /** Where some pods must go. null: there is no map. */
  readonly map: SchedulingMap | null;
  /** How many pods may move so that others have room; 0: none. */
  readonly mostMoves?: number;
}

export interface Plan {
  /** In the order of the pods. */
  readonly placed: readonly Placement[];
  readonly unplaced: readonly Unplaced[];
  readonly allocatedGpuMilli: number;
  /** What is wrong with the map. */
  readonly conditions: readonly MapCondition[];
  /** Which of those placed at first move, in this order; `placed` is what is after them. */
  readonly moves: readonly PodMove[];
}

/**
 * Decides for all pods: those of the map first, then each in its turn. Of a map with a condition nothing is used: the pods that it
 * names stay unplaced, and all others are placed. The same request has the same answer.
 */
export function plan(request: PlanRequest): Plan {
  const { nodes, pods, mostMoves = 0 } = request;
  const planner = new Planner(nodes);
  const { conditions, ...kept } = keep(planner, request);
  const placed: Placement[] = [];
  const unplaced: Unplaced[] = [];
  for (const pod of pods) {
    const decided = kept.held.has(pod.name) ? invalid(pod) : (kept.fixed.get(pod.name) ?? decide(planner, pod));
    if ("reason" in decided) unplaced.push(decided);
    else placed.push(decided);
  }
  const decided = { pods, placed, unplaced, mostMoves };
  const after = mostMoves > 0 ? afterMoves(planner, decided, kept) : { placed, unplaced, moves: [] };
  return { ...after, allocatedGpuMilli: allocatedMilli(pods, after.placed, kept.sharing), conditions };
}

interface Kept {
  /** Where a map puts pods, by name. */
  readonly fixed: ReadonlyMap<string, Placement>;
  /** Who has no GPU of his own, because another holds it for him too. */
  readonly sharing: ReadonlySet<string>;
  /** Who may not be placed. */
  readonly held: ReadonlySet<string>;
}

/** Puts the pods of a map where it says, or holds them back if anything is wrong with it. */
function keep(planner: Planner, { nodes, pods, map }: PlanRequest): Kept & Pick<Plan, "conditions"> {
  const nothing = { fixed: new Map<string, Placement>(), sharing: new Set<string>(), held: new Set<string>() };
  if (!map) return { ...nothing, conditions: [] };
  const { pinned, conditions } = checkMap(map, { nodes, pods });
  if (conditions.length > 0) return { ...nothing, held: heldBack(map, pods), conditions };
  const sharing = new Set(pinned.flatMap(({ booked, pod }) => (booked && pod ? [pod.name] : [])));
  return { ...nothing, fixed: pin(planner, pinned), sharing, conditions };
}

type Decided = Pick<PlanRequest, "pods"> & Pick<Plan, "placed" | "unplaced"> & { readonly mostMoves: number };

function afterMoves(
  planner: Planner,
  { pods, placed, unplaced, mostMoves }: Decided,
  { fixed, sharing, held }: Kept,
): Pick<Plan, "placed" | "unplaced" | "moves"> {
  const places = new Map(placed.map((placement) => [placement.pod, placement]));
  const indices = new Map(planner.fleet.nodes.map(({ name }, index) => [name, index]));
  const standing = pods.flatMap((pod) => {
    const place = places.get(pod.name);
    if (!place) return [];
    const gpus = sharing.has(pod.name) ? [] : place.gpus;
    const node = indices.get(place.node) ?? 0;
    return [{ pod, shape: planner.shapeOf(pod), node, gpus, fixed: fixed.has(pod.name) }];
  });
  const waiting = pods.filter(({ name }) => !places.has(name) && !held.has(name));
  const { moves, placed: admitted } = defragment({ planner, standing, waiting, mostMoves });
  for (const { pod, to } of moves) places.set(pod, { pod, ...to });
  for (const placement of admitted) places.set(placement.pod, placement);
  return {
    placed: pods.flatMap(({ name }) => places.get(name) ?? []),
    unplaced: unplaced.filter(({ pod }) => !places.has(pod)),
    moves,
  };
}

function invalid({ name }: GpuPod): Unplaced {
  return { pod: name, reason: "the scheduling map that names it is not valid" };
}

function decide(planner: Planner, pod: GpuPod): Placement | Unplaced {
  return planner.place(pod) ?? { pod: pod.name, reason: planner.whyNot(pod) };
}

/** A GPU that is shared by name counts once. */
function allocatedMilli(pods: readonly GpuPod[], placed: readonly Placement[], sharing: Kept["sharing"]): number {
  const counted = new Set(placed.map(({ pod }) => pod).filter((name) => !sharing.has(name)));
  return pods.reduce((sum, { name, gpus, gpuMilli }) => sum + (counted.has(name) ? gpus * gpuMilli : 0), 0);
}

/** GPUs of entries whose pods are not there are kept for them. */
function pin(planner: Planner, pinned: readonly Pinned[]): Map<string, Placement> {
  const fixed = new Map<string, Placement>();
  for (const { entry, node, pod, booked } of pinned) {
    const { gpus } = entry;
    planner.assume(pod ?? absent(entry.podIndex, gpus.length), node, booked ? [] : gpus);
    if (pod) fixed.set(pod.name, { pod: pod.name, node: entry.node, gpus });
  }
  return fixed;
}

function absent(podIndex: number, gpus: number): GpuPod {
  return { name: `-${podIndex}`, cpuMilli: 0, memoryMiB: 0, gpus, gpuMilli: wholeMilli, models: [] };
}

/** The pods that a map names, with entries that could not be read whole as well. */
function heldBack({ entries, malformed }: SchedulingMap, pods: readonly GpuPod[]): Set<string> {
  const indices = new Set([...entries, ...malformed].map(({ podIndex }) => podIndex));
  const named = pods.filter(({ name }) => {
    const ordinal = ordinalOf(name);
    return ordinal !== null && indices.has(ordinal);
  });
  return new Set(named.map(({ name }) => name));
}

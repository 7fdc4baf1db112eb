import { Board, type Preempted } from "./board/board.ts";
import { isInstance } from "./mig/slot.ts";
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
  /** Who gave way to whom; those who found another place are among `placed`. */
  readonly preempted: readonly Preempted[];
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
  const board = new Board(planner);
  const { conditions, ...kept } = keep(planner, board, request);
  const { unplaced, preempted } = arrive(board, planner, { pods, held: kept.held });
  const placed = pods.flatMap(({ name }) => board.placeOf(name) ?? []);
  const decided = { pods, placed, unplaced, mostMoves };
  const after = mostMoves > 0 ? afterMoves(planner, decided, kept) : { placed, unplaced, moves: [] };
  return { ...after, allocatedGpuMilli: allocatedMilli(pods, after.placed, kept.sharing), conditions, preempted };
}

interface Arrival {
  readonly pods: readonly GpuPod[];
  readonly held: ReadonlySet<string>;
}

/** Each in its turn; those who gave way try once more at the end. */
function arrive(board: Board, planner: Planner, { pods, held }: Arrival): Pick<Plan, "unplaced" | "preempted"> {
  const reasons = new Map<string, string>();
  const preempted: Preempted[] = [];
  for (const pod of pods) {
    if (held.has(pod.name)) reasons.set(pod.name, "the scheduling map that names it is not valid");
    else if (!board.placeOf(pod.name) && !board.place(pod)) {
      const reason = whyNot(planner, pod);
      const given = board.makeRoom(pod);
      if (given) preempted.push(...given);
      else reasons.set(pod.name, reason);
    }
  }
  for (const { pod: name, by } of preempted) {
    const again = pods.find((pod) => pod.name === name && !board.placeOf(name));
    if (again && !board.place(again)) reasons.set(name, `preempted by ${by}`);
  }
  return { unplaced: pods.flatMap(({ name }) => unplacedOf(name, reasons)), preempted };
}

function unplacedOf(pod: string, reasons: ReadonlyMap<string, string>): Unplaced[] {
  const reason = reasons.get(pod);
  return reason === undefined ? [] : [{ pod, reason }];
}

function whyNot(planner: Planner, pod: GpuPod): string {
  return pod.mig === undefined ? planner.whyNot(pod) : `no node has a MIG instance ${pod.mig} free, and room beside it`;
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
function keep(planner: Planner, board: Board, { nodes, pods, map }: PlanRequest): Kept & Pick<Plan, "conditions"> {
  const nothing = { fixed: new Map<string, Placement>(), sharing: new Set<string>(), held: new Set<string>() };
  if (!map) return { ...nothing, conditions: [] };
  const { pinned, conditions } = checkMap(map, { nodes, pods });
  if (conditions.length > 0) return { ...nothing, held: heldBack(map, pods), conditions };
  const sharing = new Set(pinned.flatMap(({ booked, pod }) => (booked && pod ? [pod.name] : [])));
  return { ...nothing, fixed: pin(planner, board, pinned), sharing, conditions };
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
    const gpus = sharing.has(pod.name) ? [] : place.gpus.filter((slot) => !isInstance(slot));
    const node = indices.get(place.node) ?? 0;
    const stays = fixed.has(pod.name) || pod.mig !== undefined;
    return [{ pod, shape: planner.shapeOf(pod), node, gpus, fixed: stays }];
  });
  const waiting = pods.filter(({ name, mig }) => !places.has(name) && !held.has(name) && mig === undefined);
  const { moves, placed: admitted } = defragment({ planner, standing, waiting, mostMoves });
  for (const { pod, to } of moves) places.set(pod, { pod, ...to });
  for (const placement of admitted) places.set(placement.pod, placement);
  return {
    placed: pods.flatMap(({ name }) => places.get(name) ?? []),
    unplaced: unplaced.filter(({ pod }) => !places.has(pod)),
    moves,
  };
}

/** A GPU that is shared by name counts once. */
function allocatedMilli(pods: readonly GpuPod[], placed: readonly Placement[], sharing: Kept["sharing"]): number {
  const counted = new Set(placed.map(({ pod }) => pod).filter((name) => !sharing.has(name)));
  return pods.reduce((sum, { name, gpus, gpuMilli }) => sum + (counted.has(name) ? gpus * gpuMilli : 0), 0);
}

/** GPUs of entries whose pods are not there are kept for them. */
function pin(planner: Planner, board: Board, pinned: readonly Pinned[]): Map<string, Placement> {
  const fixed = new Map<string, Placement>();
  for (const { entry, node, pod, booked } of pinned) {
    const { gpus } = entry;
    const whole = gpus.filter((slot) => !isInstance(slot));
    planner.assume(pod ?? absent(entry.podIndex, whole.length), node, booked ? [] : whole);
    if (pod) board.pinned(pod, { pod: pod.name, node: entry.node, gpus });
    else board.keep(entry);
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

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
}

export interface Plan {
  /** In the order of the pods. */
  readonly placed: readonly Placement[];
  readonly unplaced: readonly Unplaced[];
  readonly allocatedGpuMilli: number;
  /** What is wrong with the map. */
  readonly conditions: readonly MapCondition[];
}

/**
 * Decides for all pods: those of the map first, then each in its turn. Of a map with a condition nothing is used: the pods that it
 * names stay unplaced, and all others are placed. The same request has the same answer.
 */
export function plan({ nodes, pods, map }: PlanRequest): Plan {
  const planner = new Planner(nodes);
  const { pinned, conditions } = map ? checkMap(map, { nodes, pods }) : { pinned: [], conditions: [] };
  const valid = conditions.length === 0;
  const fixed = valid ? pin(planner, pinned) : new Map<string, Placement>();
  const held = valid || !map ? new Set<string>() : heldBack(map, pods);
  const placed: Placement[] = [];
  const unplaced: Unplaced[] = [];
  for (const pod of pods) {
    const decided = held.has(pod.name) ? invalid(pod) : (fixed.get(pod.name) ?? decide(planner, pod));
    if ("reason" in decided) unplaced.push(decided);
    else placed.push(decided);
  }
  return { placed, unplaced, allocatedGpuMilli: allocatedMilli(pods, placed, valid ? pinned : []), conditions };
}

function invalid({ name }: GpuPod): Unplaced {
  return { pod: name, reason: "the scheduling map that names it is not valid" };
}

function decide(planner: Planner, pod: GpuPod): Placement | Unplaced {
  return planner.place(pod) ?? { pod: pod.name, reason: planner.whyNot(pod) };
}

/** A GPU that is shared by name counts once. */
function allocatedMilli(pods: readonly GpuPod[], placed: readonly Placement[], pinned: readonly Pinned[]): number {
  const sharing = new Set(pinned.filter(({ booked }) => booked).map(({ pod }) => pod?.name));
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

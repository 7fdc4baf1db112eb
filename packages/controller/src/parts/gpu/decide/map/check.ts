import { type GpuNode, type GpuPod, wholeMilli } from "../snapshot.ts";
import { instanceSlot, isInstance, slotName } from "../mig/slot.ts";
import { overbooked, withShares } from "./bookings.ts";
import { conditionOf, type MapCondition, type MapEntry, type Pinned, type SchedulingMap } from "./entry.ts";

interface World {
  readonly nodes: readonly GpuNode[];
  readonly pods: readonly GpuPod[];
}

/** Everything that is wrong with a map, and where its pods go if nothing is. */
export interface CheckedMap {
  readonly pinned: readonly Pinned[];
  readonly conditions: readonly MapCondition[];
}

/** The number at the end of a name, as a StatefulSet gives it; null: there is none. */
export function ordinalOf(name: string): number | null {
  const digits = /-(\d{1,7})$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Holds a map against the nodes and pods that there are. Nothing of a map with a condition may be used. */
export function checkMap(map: SchedulingMap, { nodes, pods }: World): CheckedMap {
  const known = new Map(nodes.map((node, index) => [node.name, index]));
  const podsOf = Map.groupBy(pods, ({ name }) => ordinalOf(name));
  const conditions = [...map.malformed, ...repeated(map.entries)];
  const pinned: Pinned[] = [];
  for (const entry of map.entries) {
    const named = podsOf.get(entry.podIndex) ?? [];
    const index = known.get(entry.node);
    const node = index === undefined ? undefined : nodes[index];
    conditions.push(...ofPods(entry, named), ...ofNode(entry, node), ...ofBoth(entry, node, named[0]));
    if (index !== undefined) pinned.push({ entry, node: index, pod: named[0] ?? null, booked: false });
  }
  const booked = withShares(pinned);
  conditions.push(...overbooked(booked, nodes));
  return { pinned: booked, conditions: conditions.toSorted((one, other) => one.entry - other.entry) };
}

function repeated(entries: readonly MapEntry[]): MapCondition[] {
  const seen = new Map<number, number>();
  return entries.flatMap((entry) => {
    const before = seen.get(entry.podIndex);
    if (before === undefined) seen.set(entry.podIndex, entry.entry);
    const message = `podIndex: ${entry.podIndex} stands in entry ${before} already`;
    return before === undefined ? [] : [conditionOf("IndexTwice", entry, message)];
  });
}

function ofPods(entry: MapEntry, pods: readonly GpuPod[]): MapCondition[] {
  if (pods.length <= 1) return [];
  const names = pods.map(({ name }) => name).join(", ");
  return [conditionOf("AmbiguousPod", entry, `podIndex: ${entry.podIndex} is the ordinal of ${names}`)];
}

function ofNode(entry: MapEntry, node: GpuNode | undefined): MapCondition[] {
  if (!node) return [conditionOf("UnknownNode", entry, `nodeName: ${JSON.stringify(entry.node)} is not a node`)];
  const has = node.gpus === 0 ? "has none" : `has 0 to ${node.gpus - 1}`;
  const instances = new Set((node.mig ?? []).map(({ gpu, number }) => instanceSlot(gpu, number)));
  return entry.gpus
    .filter((slot) => (isInstance(slot) ? !instances.has(slot) : slot >= node.gpus))
    .map((slot) => {
      const what = isInstance(slot) ? `a MIG instance of ${entry.node}` : `a GPU of ${entry.node}, which ${has}`;
      return conditionOf("UnknownGpu", entry, `gpuDevices: ${slotName(slot)} is not ${what}`);
    });
}

function ofBoth(entry: MapEntry, node: GpuNode | undefined, pod: GpuPod | undefined): MapCondition[] {
  if (!pod) return [];
  const found: MapCondition[] = [];
  const asked = pod.mig === undefined ? pod.gpus : 1;
  if (asked !== entry.gpus.length) {
    const message = `gpuDevices: ${entry.gpus.length} GPUs for ${pod.name}, which asks for ${asked}`;
    found.push(conditionOf("WrongCount", entry, message));
  }
  found.push(...ofProfiles(entry, node, pod));
  if (node && pod.models.length > 0 && !pod.models.includes(node.model)) {
    const message = `nodeName: ${entry.node} has ${node.model || "no model"}, ${pod.name} asks for ${pod.models.join(" or ")}`;
    found.push(conditionOf("WrongModel", entry, message));
  }
  return found;
}

/** Who asks for an instance gets one of its profile; who asks for GPUs gets none, and who asks for nothing what the map gives. */
function ofProfiles(entry: MapEntry, node: GpuNode | undefined, pod: GpuPod): MapCondition[] {
  const asked = pod.mig ?? `${pod.gpuMilli} m of a GPU`;
  return entry.gpus.flatMap((slot) => {
    const is = profileAt(slot, node);
    if (is === "" || suits(is, pod)) return [];
    const message = `gpuDevices: ${slotName(slot)} of ${entry.node} is ${is ?? "a whole GPU"}, ${pod.name} asks for ${asked}`;
    return [conditionOf("WrongModel", entry, message)];
  });
}

/** null: it is a GPU; "": it is not known. */
function profileAt(slot: number, node: GpuNode | undefined): string | null {
  if (!isInstance(slot)) return null;
  return node?.mig?.find(({ gpu, number }) => instanceSlot(gpu, number) === slot)?.profile ?? "";
}

function suits(profile: string | null, { mig, gpuMilli }: GpuPod): boolean {
  if (mig !== undefined) return profile === mig;
  return profile === null || gpuMilli === 0 || gpuMilli === wholeMilli;
}

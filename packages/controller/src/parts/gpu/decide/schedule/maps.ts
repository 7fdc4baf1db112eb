import { checkMap } from "../map/check.ts";
import { conditionOf, type MapCondition, type MapEntry, type SchedulingMap } from "../map/entry.ts";
import { gpuOf, instanceOf, isInstance, slotName } from "../mig/slot.ts";
import { type GpuNode, type GpuPod, type MigSlot, wholeMilli } from "../snapshot.ts";
import { type Device, type Devices, modelOf, type SchedNode, slotOf } from "./node.ts";
import { pluginResource, type SchedPod, workloadKey, workloadOf } from "./pod.ts";

/** A scheduling map of one workload: of a GpuSchedulingMap, or of the annotation of its pods. */
export interface MapState {
  /** Namespace and name of the object, or the workload's; no two maps have the same. */
  readonly key: string;
  /** UID of the object; "" where it is an annotation. */
  readonly uid: string;
  readonly namespace: string;
  readonly workload: { readonly kind: string; readonly name: string };
  readonly map: SchedulingMap;
  readonly createdAtMs: number;
}

/** What one entry gives, and to whom. */
export interface Seat {
  readonly entry: MapEntry;
  /** The node's own name; "" where there is no such node. */
  readonly node: string;
  /** Of the GPUs, in the order of the entry; null: nothing is known of the node's GPUs. */
  readonly uuids: readonly string[] | null;
  /** null: there is no pod of that number. */
  readonly pod: SchedPod | null;
  /** By whom its GPUs are kept until it has them. */
  readonly keeper: string;
  /** Under which name it shares its GPUs; null: under none. */
  readonly share: string | null;
}

/** A map, held against the nodes and pods that there are. */
export interface CheckedMap {
  readonly state: MapState;
  readonly seats: readonly Seat[];
  /** What is wrong with it, whatever happens in the cluster; nothing of it is used then. */
  readonly conditions: readonly MapCondition[];
}

export interface MapWorld {
  readonly nodes: readonly SchedNode[];
  readonly devices: Devices;
  /** Those of this scheduler that have not ended. */
  readonly pods: readonly SchedPod[];
}

/** Checks all maps, the oldest first: what one has got, no later one gets. */
export function checkMaps(maps: readonly MapState[], world: MapWorld): CheckedMap[] {
  const names = namesOf(world.nodes);
  const podsOf = Map.groupBy(world.pods, (pod) => workloadOf(pod) ?? "");
  const taken = new Map<string, string>();
  const workloads = new Map<string, string>();
  return maps.toSorted(byAge).map((state) => {
    const workload = workloadKey(state.namespace, state.workload);
    const checked = checkOne(state, { ...world, names, pods: podsOf.get(workload) ?? [] });
    const conditions = [...checked.conditions, ...twice(state, workload, workloads), ...takenBefore(checked, taken)];
    if (conditions.length === 0) take(checked, taken);
    return { ...checked, conditions };
  });
}

type Names = ReadonlyMap<string, readonly SchedNode[]>;
type Named = readonly [string, readonly SchedNode[]];

/** A logical name comes before another node's own. */
function namesOf(nodes: readonly SchedNode[]): Names {
  const logical = Map.groupBy(
    nodes.filter(({ logicalName }) => logicalName !== ""),
    ({ logicalName }) => logicalName,
  );
  const own = nodes.filter(({ name }) => !logical.has(name));
  return new Map<string, readonly SchedNode[]>([...logical, ...own.map((node): Named => [node.name, [node]])]);
}

function checkOne(state: MapState, world: MapWorld & { readonly names: Names }): CheckedMap {
  const nodeOf = (entry: MapEntry | undefined): SchedNode | undefined => entry && world.names.get(entry.node)?.[0];
  const entries = state.map.entries.map((entry) => ({ ...entry, node: nodeOf(entry)?.name ?? entry.node }));
  const named = new Map(world.pods.flatMap((pod) => (pod.ordinal === null ? [] : [[pod.ordinal, pod] as const])));
  const asked = new Map(entries.map(({ podIndex, gpus }) => [podIndex, gpus.length]));
  const there = entries.flatMap((_, index) => nodeOf(state.map.entries[index]) ?? []);
  const nodes = [...new Set(there)].map((node) => gpuNodeOf(node, world.devices, entries));
  const pods = [...named].map(([ordinal, pod]) =>
    gpuPodOf(pod, asked.get(ordinal) ?? 0, `${state.workload.name}-${ordinal}`),
  );
  const { conditions } = checkMap({ ...state.map, entries }, { nodes, pods });
  const ambiguous = state.map.entries.flatMap((entry) => ambiguity(entry, world.names));
  const names = new Set(nodes.map(({ name }) => name));
  const seats = entries.map((entry) =>
    seatOf(entry, state, { devices: world.devices, names, pod: named.get(entry.podIndex) ?? null }),
  );
  return { state, seats, conditions: [...ambiguous, ...conditions] };
}

function ambiguity(entry: MapEntry, names: Names): MapCondition[] {
  const nodes = names.get(entry.node) ?? [];
  if (nodes.length < 2) return [];
  const message = `nodeName: ${entry.node} is the name of ${nodes.map(({ name }) => name).join(" and ")}`;
  return [conditionOf("AmbiguousNode", entry, message)];
}

/** Of a node of which nothing is known every GPU may be there: it is seen later. */
function gpuNodeOf(node: SchedNode, devices: Devices, entries: readonly MapEntry[]): GpuNode {
  const { name, allocatable } = node;
  const known = devices.get(name);
  const named = entries.filter((entry) => entry.node === name).flatMap(({ gpus }) => gpus);
  const most = known ? known.map(({ index }) => index) : named.map(gpuOf);
  return {
    name,
    cpuMilli: allocatable["cpu"] ?? 0,
    memoryMiB: (allocatable["memory"] ?? 0) / 2 ** 20,
    gpus: Math.max(0, ...most.map((index) => index + 1), known ? 0 : (allocatable[pluginResource] ?? 0)),
    model: modelOf(node, known),
    mig: known ? instancesOf(known) : entriesAsInstances(named),
  };
}

/** @param given GPUs by the map, for a pod that names no number itself */
export function gpuPodOf({ request, ask }: SchedPod, given: number, name: string): GpuPod {
  const gpus = ask.gpus || given;
  return {
    name,
    cpuMilli: request["cpu"] ?? 0,
    memoryMiB: Math.ceil((request["memory"] ?? 0) / 2 ** 20),
    gpus,
    gpuMilli: gpus === 0 ? 0 : ask.gpuMilli || wholeMilli,
    models: ask.models,
    ...(ask.mig === null ? {} : { gpus: 0, gpuMilli: 0, mig: ask.mig }),
  };
}

function instancesOf(devices: readonly Device[]): MigSlot[] {
  return devices.flatMap(({ index, instance }) =>
    instance ? [{ gpu: index, number: instance.number, profile: instance.profile }] : [],
  );
}

function entriesAsInstances(slots: readonly number[]): MigSlot[] {
  return slots.filter(isInstance).map((slot) => ({ gpu: gpuOf(slot), number: instanceOf(slot), profile: "" }));
}

function seatOf(
  entry: MapEntry,
  { key, namespace, workload }: MapState,
  {
    devices,
    names,
    pod,
  }: Pick<MapWorld, "devices"> & { readonly names: ReadonlySet<string>; readonly pod: SchedPod | null },
): Seat {
  const node = names.has(entry.node) ? entry.node : "";
  const known = devices.get(node);
  const uuids = known ? entry.gpus.flatMap((gpu) => known.find((device) => slotOf(device) === gpu)?.uuid ?? []) : null;
  const share = entry.share === null ? null : `${workloadKey(namespace, workload)} ${entry.share}`;
  return { entry, node, uuids, pod, keeper: `map ${key} ${entry.podIndex}`, share };
}

function twice({ key }: MapState, workload: string, seen: Map<string, string>): MapCondition[] {
  const before = seen.get(workload);
  if (before === undefined) seen.set(workload, key);
  if (before === undefined) return [];
  return [{ type: "DoubleBooking", entry: 0, podIndex: null, message: `workload: ${workload} has the map ${before}` }];
}

function takenBefore({ seats }: CheckedMap, taken: ReadonlyMap<string, string>): MapCondition[] {
  return seats.flatMap(({ entry }) =>
    entry.gpus.flatMap((gpu) => {
      const other = taken.get(`${entry.node} ${gpu}`);
      if (other === undefined) return [];
      return [
        conditionOf("DoubleBooking", entry, `gpuDevices: ${slotName(gpu)} of ${entry.node} is of the map ${other}`),
      ];
    }),
  );
}

function take({ seats, state }: CheckedMap, taken: Map<string, string>): void {
  for (const { entry } of seats) for (const gpu of entry.gpus) taken.set(`${entry.node} ${gpu}`, state.key);
}

function byAge(one: MapState, other: MapState): number {
  return one.createdAtMs - other.createdAtMs || (one.key < other.key ? -1 : 1);
}

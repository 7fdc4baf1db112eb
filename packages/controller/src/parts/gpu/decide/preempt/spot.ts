import type { SchedPod } from "../schedule/pod.ts";
import type { Room } from "../schedule/room.ts";

/** UUIDs of the GPUs that a pod would get of this room; empty: none, or the kubelet chooses. null: it has no room for the pod. */
export function spotOn(room: Room, pod: SchedPod): readonly string[] | null {
  if (room.lackOf(pod) !== null) return null;
  const { gpus, gpuMilli, plugin, mig } = pod.ask;
  if (mig !== null) return instanceOn(room, mig);
  if (gpus === 0) return [];
  if (plugin) return room.pluginFree() >= gpus ? [] : null;
  const free = (room.freeMilli() ?? []).map((milli, index) => ({ milli, index }));
  // The tightest first, so that of shares what is left stays in one piece.
  const enough = free.filter(({ milli }) => milli >= gpuMilli).toSorted((one, other) => one.milli - other.milli);
  const uuids = enough.slice(0, gpus).flatMap(({ index }) => room.uuidOf(index) ?? []);
  const asking = { milli: gpuMilli, share: null, byClaim: false };
  return uuids.length === gpus && room.gpuLackOf(uuids, asking) === null ? uuids : null;
}

function instanceOn(room: Room, profile: string): readonly string[] | null {
  const uuid = room.freeInstance(profile);
  return uuid === undefined ? null : [uuid];
}

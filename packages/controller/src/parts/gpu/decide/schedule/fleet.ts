import { type GpuNode, wholeMilli } from "../snapshot.ts";
import { type Devices, modelOf } from "./node.ts";
import { pluginResource } from "./pod.ts";
import type { Room } from "./room.ts";

/** What is left of each node, as the planner reads it; in the order of the rooms. */
export function gpuNodesOf(rooms: ReadonlyMap<string, Room>, devices: Devices): GpuNode[] {
  return [...rooms.values()].map((room) => gpuNodeOf(room, devices));
}

export function gpuNodeOf(room: Room, devices: Devices): GpuNode {
  const freeMilli = freeMilliOf(room);
  return {
    name: room.node.name,
    cpuMilli: room.free("cpu"),
    memoryMiB: Math.floor(room.free("memory") / 2 ** 20),
    gpus: freeMilli.length,
    freeMilli,
    model: modelOf(room.node, devices.get(room.node.name)),
  };
}

/** Where the kubelet chooses it is the count that decides, whichever those are. */
function freeMilliOf(room: Room): number[] {
  const allocatable = room.node.allocatable[pluginResource] ?? 0;
  if (allocatable === 0) return room.freeMilli() ?? [];
  let left = room.pluginFree();
  const free = room.freeMilli() ?? Array.from({ length: allocatable }, () => wholeMilli);
  return free.map((milli) => {
    if (milli < wholeMilli || left === 0) return 0;
    left -= 1;
    return wholeMilli;
  });
}

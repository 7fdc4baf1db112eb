import { instanceSlot } from "../mig/slot.ts";
import type { Device, SchedNode } from "../schedule/node.ts";
import { nothingAsked, type SchedPod } from "../schedule/pod.ts";
import { Room, type Holding } from "../schedule/room.ts";
import { type GpuNode, type GpuPod, wholeMilli } from "../snapshot.ts";

const bytesPerMiB = 2 ** 20;

/** A node of a file as the scheduler sees one; its GPUs and instances are called by their slots. */
export function roomOf(node: GpuNode, holdings: readonly Holding[]): Room {
  return new Room(schedNodeOf(node), devicesOf(node), holdings);
}

function schedNodeOf({ name, cpuMilli, memoryMiB, model }: GpuNode): SchedNode {
  return {
    uid: name,
    namespace: "",
    name,
    logicalName: "",
    labels: {},
    taints: [],
    unschedulable: false,
    ready: true,
    allocatable: { cpu: cpuMilli, memory: memoryMiB * bytesPerMiB },
    model,
    published: [],
  };
}

function devicesOf({ gpus, model, mig = [] }: GpuNode): Device[] {
  const inMigMode = new Set(mig.map(({ gpu }) => gpu));
  const device = { model, unhealthy: null, holders: [], foreignPids: [] };
  const whole = [...Array(gpus).keys()].map((index) => {
    const unhealthy = inMigMode.has(index) ? "it is in MIG mode" : null;
    return { ...device, uuid: String(index), index, unhealthy };
  });
  const instances = mig.map(({ gpu, number, profile }) => {
    const instance = { gpu: String(gpu), number, profile };
    return { ...device, uuid: String(instanceSlot(gpu, number)), index: gpu, instance };
  });
  return [...whole, ...instances];
}

/** A pod of a file as the scheduler sees one. @param order by which it has come */
export function schedPodOf(pod: GpuPod, order: number): SchedPod {
  const { name, cpuMilli, memoryMiB, gpus, gpuMilli, models, mig, priority = 0, preempts = true } = pod;
  return {
    ...nothingAsked,
    uid: name,
    namespace: "",
    name,
    node: "",
    ended: false,
    terminating: false,
    ours: true,
    request: { cpu: cpuMilli, memory: memoryMiB * bytesPerMiB },
    ask: { gpus, gpuMilli: gpus === 0 ? 0 : gpuMilli || wholeMilli, models, mig: mig ?? null, plugin: false },
    priority,
    preempts,
    createdAtMs: order,
  };
}

import { instanceSlot, slotName } from "../mig/slot.ts";
import { type GpuNode, type GpuPod, wholeMilli } from "../snapshot.ts";
import { conditionOf, type MapCondition, type MapEntry, type Pinned } from "./entry.ts";

/** Who shares by name has a GPU once for all, as much of it as the one that asks for most. */
export function withShares(pinned: readonly Pinned[]): Pinned[] {
  const byNeed = pinned.toSorted((one, other) => milliOf(other) - milliOf(one));
  const holders = new Set<string>();
  return byNeed.map((pin) => {
    const key = JSON.stringify([pin.entry.share, pin.node, pin.entry.gpus]);
    const booked = pin.entry.share !== null && holders.has(key);
    holders.add(key);
    return { ...pin, booked };
  });
}

/** Whatever of a node is given away more than once, said of the later entry. */
export function overbooked(pinned: readonly Pinned[], nodes: readonly GpuNode[]): MapCondition[] {
  const free = nodes.map((node) => new Free(node));
  const inOrder = pinned.toSorted((one, other) => one.entry.entry - other.entry.entry);
  return inOrder.flatMap((pin) => {
    const node = free[pin.node];
    return node ? [...node.takeGpus(pin), ...node.takeRest(pin)] : [];
  });
}

/** An entry without a pod keeps its GPUs whole for it. */
function milliOf({ pod }: Pinned): number {
  return pod?.mig === undefined ? (pod?.gpuMilli ?? wholeMilli) : wholeMilli;
}

/** What a map has left of a node. */
class Free {
  #cpuMilli: number;
  #memoryMiB: number;
  readonly #gpus: ReadonlyMap<number, { milli: number; readonly holders: number[] }>;

  constructor({ cpuMilli, memoryMiB, gpus, mig = [] }: GpuNode) {
    this.#cpuMilli = cpuMilli;
    this.#memoryMiB = memoryMiB;
    const slots = [...Array(gpus).keys(), ...mig.map(({ gpu, number }) => instanceSlot(gpu, number))];
    this.#gpus = new Map(slots.map((slot) => [slot, { milli: wholeMilli, holders: [] }]));
  }

  takeGpus(pin: Pinned): MapCondition[] {
    const { entry, booked } = pin;
    const needed = milliOf(pin);
    return (booked ? [] : entry.gpus).flatMap((number) => {
      const gpu = this.#gpus.get(number);
      if (!gpu) return [];
      const left = gpu.milli;
      const others = gpu.holders.map((holder) => `entry ${holder}`).join(", ");
      gpu.milli = Math.max(0, left - needed);
      gpu.holders.push(entry.entry);
      return left >= needed ? [] : [conditionOf("DoubleBooking", entry, bookedTwice(entry, number, { left, others }))];
    });
  }

  takeRest({ entry, pod }: Pinned): MapCondition[] {
    if (!pod) return [];
    this.#cpuMilli -= pod.cpuMilli;
    this.#memoryMiB -= pod.memoryMiB;
    return this.#cpuMilli < 0 || this.#memoryMiB < 0 ? [noRoom(entry, pod)] : [];
  }
}

function bookedTwice({ node }: MapEntry, gpu: number, { left, others }: { left: number; others: string }): string {
  return `gpuDevices: ${slotName(gpu)} of ${node} has ${left} m left, the rest is of ${others}`;
}

function noRoom(entry: MapEntry, { name }: GpuPod): MapCondition {
  const message = `nodeName: ${entry.node} has not the CPU and memory for ${name} beside the others of the map`;
  return conditionOf("NoRoom", entry, message);
}

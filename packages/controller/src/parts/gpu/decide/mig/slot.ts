/** More numbers than a map's list of GPUs can name. */
const perInstance = 10_000;

/**
 * A GPU of a node, or one MIG instance of it, as one number: below 10,000 the GPU's own.
 *
 * @param instance its number among the GPU's MIG instances, from 0
 */
export function instanceSlot(gpu: number, instance: number): number {
  return (instance + 1) * perInstance + gpu;
}

export function isInstance(slot: number): boolean {
  return slot >= perInstance;
}

/** As users write it: "2" is a GPU, "2:0" the first MIG instance of it. */
export function slotName(slot: number): string {
  return isInstance(slot) ? `${gpuOf(slot)}:${instanceOf(slot)}` : String(slot);
}

/** Its number among the MIG instances of its GPU; -1: it is the GPU. */
export function instanceOf(slot: number): number {
  return Math.floor(slot / perInstance) - 1;
}

/** The GPU that it is, or is a part of. */
export function gpuOf(slot: number): number {
  return slot % perInstance;
}

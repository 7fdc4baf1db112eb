import type { Shape, Weighted } from "./mix.ts";
import { accepts, hasGpus, type NodeState } from "./states.ts";

/** FGD counts shapes that make up this part of the pods. */
export const typicalCover = 0.95;

/**
 * How much of a node's free GPU a pod drawn from the mix cannot use, in thousandths of a GPU: F_n(M) of Weng et al., "Beware of
 * Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023, §3. All of it, where the
 * pod does not fit or asks for no GPU; otherwise what is free of GPUs that have less than it asks of one.
 */
export function fragmentation(state: NodeState, mix: readonly Weighted[]): number {
  let sum = 0;
  for (const { shape, weight } of mix) sum += weight * uselessMilli(state, shape);
  return sum;
}

function uselessMilli(state: NodeState, shape: Shape): number {
  const fits =
    shape.gpus > 0 && state.cpuMilli >= shape.cpuMilli && accepts(state.model, shape) && hasGpus(state, shape);
  if (!fits) return state.totalFreeMilli;
  let sum = 0;
  for (const free of state.freeMilli) if (free < shape.gpuMilli) sum += free;
  return sum;
}

import type { Fleet } from "./fleet.ts";
import type { Shape } from "./mix.ts";
import { wholeMilli } from "./snapshot.ts";
import { accepts, hasGpus, type NodeState } from "./states.ts";

/** Why no node takes a pod of this shape: how many nodes lack what, each counted for the first thing. */
export function whyNot(fleet: Fleet, shape: Shape): string {
  const lacks = new Map<string, number>();
  for (const state of fleet.occupied) {
    const lack = firstLack(state, shape);
    lacks.set(lack, (lacks.get(lack) ?? 0) + state.nodes.length);
  }
  const parts = [...lacks].toSorted(([, one], [, other]) => other - one).map(([lack, count]) => `${count} ${lack}`);
  return `no node of ${fleet.nodes.length} has room: ${parts.length === 0 ? "there is none" : parts.join(", ")}`;
}

function firstLack(state: NodeState, shape: Shape): string {
  if (!accepts(state.model, shape)) return `not of model ${shape.models.join(" or ")}`;
  if (!hasGpus(state, shape)) return `without ${asked(shape)}`;
  if (state.cpuMilli < shape.cpuMilli) return `without ${shape.cpuMilli} m of CPU`;
  return `without ${shape.memoryMiB} MiB of memory`;
}

function asked({ gpus, gpuMilli }: Shape): string {
  if (gpuMilli < wholeMilli) return `${gpuMilli} m of one GPU free`;
  return gpus === 1 ? "an idle GPU" : `${gpus} idle GPUs`;
}

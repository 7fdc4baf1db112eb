import type { NodeState } from "../states.ts";
import { accepts } from "../states.ts";
import type { Shape } from "../mix.ts";
import { wholeMilli } from "../snapshot.ts";
import type { Standing } from "./standing.ts";

/** A node as it is now. */
export interface Site {
  readonly state: NodeState;
  /** Of each GPU, by its number. */
  readonly freeMilli: readonly number[];
  readonly tenants: readonly Standing[];
}

/**
 * A few pods without which a node has room: those of the GPUs that fewest stand on, then those that free most CPU or memory.
 * null: it has not, whoever goes. Who is fixed stays.
 */
export function victimsOn(site: Site, shape: Shape): Standing[] | null {
  const { state, freeMilli, tenants } = site;
  if (!accepts(state.model, shape) || freeMilli.length < shape.gpus) return null;
  const movable = tenants.filter(({ fixed }) => !fixed);
  const ofGpus = freeMilli.map((free, gpu) => leaving(free, gpu, { movable, shape }));
  const possible = ofGpus.filter((group) => group !== null).toSorted((one, other) => one.length - other.length);
  if (possible.length < shape.gpus) return null;
  const victims = new Set(possible.slice(0, shape.gpus).flat());
  return withCpu(victims, site, shape);
}

interface Wanted {
  readonly movable: readonly Standing[];
  readonly shape: Shape;
}

/** Who leaves one GPU so that a part of it, or all, is free: the smallest that is enough, or the largest until it is. */
function leaving(free: number, gpu: number, { movable, shape }: Wanted): Standing[] | null {
  const needed = shape.gpus > 1 ? wholeMilli : shape.gpuMilli;
  const here = movable
    .filter(({ gpus }) => gpus.includes(gpu))
    .toSorted((one, other) => one.shape.gpuMilli - other.shape.gpuMilli);
  if (free >= needed) return [];
  const enough = here.find((one) => free + one.shape.gpuMilli >= needed);
  if (enough) return [enough];
  return until(here.toReversed(), (gone) => free + sum(gone, (one) => one.shape.gpuMilli) >= needed);
}

function withCpu(victims: ReadonlySet<Standing>, { state, tenants }: Site, shape: Shape): Standing[] | null {
  const gone = [...victims];
  const lacks = (more: readonly Standing[]): { cpu: number; memory: number } => ({
    cpu: shape.cpuMilli - state.cpuMilli - sum([...gone, ...more], (one) => one.shape.cpuMilli),
    memory: shape.memoryMiB - state.memoryMiB - sum([...gone, ...more], (one) => one.shape.memoryMiB),
  });
  const enough = (more: readonly Standing[]): boolean => lacks(more).cpu <= 0 && lacks(more).memory <= 0;
  if (enough([])) return gone;
  const others = tenants.filter((one) => !one.fixed && !victims.has(one));
  const smallest = others.toSorted((one, other) => one.shape.cpuMilli - other.shape.cpuMilli);
  const single = smallest.find((one) => enough([one]));
  const more = single ? [single] : until(smallest.toReversed(), enough);
  return more && [...gone, ...more];
}

/** As many from the beginning as it takes; null: all are not enough. */
function until(list: readonly Standing[], enough: (part: readonly Standing[]) => boolean): Standing[] | null {
  for (let count = 1; count <= list.length; count += 1) {
    const part = list.slice(0, count);
    if (enough(part)) return part;
  }
  return null;
}

function sum(list: readonly Standing[], of: (one: Standing) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

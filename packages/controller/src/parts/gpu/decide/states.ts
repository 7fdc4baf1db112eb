import type { Shape } from "./mix.ts";
import { wholeMilli } from "./snapshot.ts";

/** What is free on a node. Nodes with the same free and the same model share one. */
export interface NodeState {
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  /** Of each GPU, ascending: which of them is which does not matter here. */
  readonly freeMilli: readonly number[];
  readonly totalFreeMilli: number;
  readonly idleGpus: number;
  readonly model: string;
  /** The indices of nodes in this state, ascending. */
  readonly nodes: number[];
  /** By shape: see {@link NodeStates.moves}. */
  readonly moves: (readonly Move[] | undefined)[];
}

/** What a node becomes when a pod takes its place on it. */
export interface Move {
  /** What was free of the GPU that is shared; {@link wholeMilli} for whole ones, 0 for none. */
  readonly takenFrom: number;
  readonly to: NodeState;
}

const none: readonly Move[] = [];

/** Each state once, so that whatever is worked out about it is worked out once. */
export class NodeStates {
  readonly #states = new Map<string, NodeState>();

  get size(): number {
    return this.#states.size;
  }

  /** @param freeMilli of each GPU, ascending; kept */
  of(cpuMilli: number, memoryMiB: number, freeMilli: readonly number[], model: string): NodeState {
    const key = `${cpuMilli}/${memoryMiB}/${freeMilli.join(",")}/${model}`;
    let state = this.#states.get(key);
    if (!state) {
      const totalFreeMilli = freeMilli.reduce((sum, free) => sum + free, 0);
      const idleGpus = freeMilli.filter((free) => free === wholeMilli).length;
      state = { cpuMilli, memoryMiB, freeMilli, totalFreeMilli, idleGpus, model, nodes: [], moves: [] };
      this.#states.set(key, state);
    }
    return state;
  }

  /** Every way to place a pod of this shape that differs in what is left; empty where it does not fit. */
  moves(state: NodeState, shape: Shape): readonly Move[] {
    return (state.moves[shape.id] ??= fits(state, shape) ? this.#movesOf(state, shape) : none);
  }

  /** Forgets states that no node is in, once there are too many of them. */
  prune(): void {
    for (const [key, state] of this.#states) {
      if (state.nodes.length === 0) this.#states.delete(key);
      else state.moves.length = 0;
    }
  }

  #movesOf(state: NodeState, shape: Shape): readonly Move[] {
    if (shape.gpus === 0) return [{ takenFrom: 0, to: this.#left(state, shape, state.freeMilli) }];
    if (shape.gpuMilli === wholeMilli)
      return [{ takenFrom: wholeMilli, to: this.#left(state, shape, withoutIdle(state, shape.gpus)) }];
    const choices = new Set(state.freeMilli.filter((free) => free >= shape.gpuMilli));
    return [...choices].map((takenFrom) => ({
      takenFrom,
      to: this.#left(state, shape, sharing(state, takenFrom, shape.gpuMilli)),
    }));
  }

  #left({ cpuMilli, memoryMiB, model }: NodeState, shape: Shape, freeMilli: readonly number[]): NodeState {
    return this.of(cpuMilli - shape.cpuMilli, memoryMiB - shape.memoryMiB, freeMilli, model);
  }
}

/** Whether a pod of this shape may run on such a node, whatever runs there now. */
export function accepts(model: string, { gpus, models }: Shape): boolean {
  return gpus === 0 || models.length === 0 || models.includes(model);
}

function fits(state: NodeState, shape: Shape): boolean {
  if (state.cpuMilli < shape.cpuMilli || state.memoryMiB < shape.memoryMiB) return false;
  return accepts(state.model, shape) && hasGpus(state, shape);
}

/** Whether that many GPUs have that much free. */
export function hasGpus({ freeMilli, idleGpus }: NodeState, { gpus, gpuMilli }: Shape): boolean {
  if (gpus === 0) return true;
  return gpus > 1 || gpuMilli === wholeMilli ? idleGpus >= gpus : (freeMilli.at(-1) ?? 0) >= gpuMilli;
}

/** Idle GPUs stand last. */
function withoutIdle({ freeMilli }: NodeState, gpus: number): number[] {
  return [...Array.from({ length: gpus }, () => 0), ...freeMilli.slice(0, freeMilli.length - gpus)].toSorted(ascending);
}

function sharing({ freeMilli }: NodeState, takenFrom: number, milli: number): number[] {
  return freeMilli.with(freeMilli.indexOf(takenFrom), takenFrom - milli).toSorted(ascending);
}

export const ascending = (one: number, other: number): number => one - other;

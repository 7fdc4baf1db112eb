import type { Shape } from "./mix.ts";
import { type GpuNode, wholeMilli } from "./snapshot.ts";
import { ascending, type NodeState, NodeStates } from "./states.ts";

/** More states than this are kept only while nodes are in them. */
const mostStates = 100_000;

interface Held {
  cpuMilli: number;
  memoryMiB: number;
  /** By the GPU's number. */
  readonly freeMilli: number[];
  state: NodeState;
}

/** What is free on every node, and which nodes are alike. Only the node that changes is looked at again. */
export class Fleet {
  readonly nodes: readonly GpuNode[];
  readonly states: NodeStates;
  /** Those that some node is in. */
  readonly occupied = new Set<NodeState>();
  readonly #held: readonly Held[];

  /** @param states of a fleet before, which is not used any more: what was worked out about them stays */
  constructor(nodes: readonly GpuNode[], states = new NodeStates()) {
    this.nodes = nodes;
    this.states = states;
    this.#held = nodes.map((node, index) => {
      const freeMilli = [...(node.freeMilli ?? Array.from({ length: node.gpus }, () => wholeMilli))];
      const held = { cpuMilli: node.cpuMilli, memoryMiB: node.memoryMiB, freeMilli };
      const state = this.states.of(held.cpuMilli, held.memoryMiB, freeMilli.toSorted(ascending), node.model);
      this.#enter(state, index);
      return { ...held, state };
    });
  }

  /** Leaves its states to another fleet, with no node in them. */
  vacate(): NodeStates {
    for (const state of this.occupied) state.nodes.length = 0;
    this.occupied.clear();
    if (this.states.size > mostStates) this.states.prune();
    return this.states;
  }

  /** What is free of each GPU of a node, by its number. */
  freeMilli(index: number): readonly number[] {
    return this.#at(index).freeMilli;
  }

  stateOf(index: number): NodeState {
    return this.#at(index).state;
  }

  /** Whether a pod of this shape fits anywhere now. */
  hasRoom(shape: Shape): boolean {
    return this.occupied.values().some((state) => this.states.moves(state, shape).length > 0);
  }

  /** The GPUs that a pod takes which takes from such as have `takenFrom` free: the first ones. */
  gpusFor(index: number, { gpus }: Shape, takenFrom: number): number[] {
    const found: number[] = [];
    this.#at(index).freeMilli.forEach((free, gpu) => {
      if (found.length < gpus && free === takenFrom) found.push(gpu);
    });
    return found;
  }

  /** A pod takes its place. The caller has seen that it fits. */
  put(index: number, shape: Shape, gpus: readonly number[]): void {
    this.#change(index, shape, gpus, -1);
  }

  /** A pod leaves its place. */
  remove(index: number, shape: Shape, gpus: readonly number[]): void {
    this.#change(index, shape, gpus, 1);
  }

  /** What is free of a node is this, whatever was taken before. */
  set(index: number, { cpuMilli, memoryMiB, freeMilli = [] }: GpuNode): void {
    const held = this.#at(index);
    Object.assign(held, { cpuMilli, memoryMiB });
    freeMilli.forEach((free, gpu) => (held.freeMilli[gpu] = free));
    this.#settle(index, held);
  }

  #change(index: number, shape: Shape, gpus: readonly number[], sign: 1 | -1): void {
    const held = this.#at(index);
    held.cpuMilli += sign * shape.cpuMilli;
    held.memoryMiB += sign * shape.memoryMiB;
    for (const gpu of gpus) held.freeMilli[gpu] = (held.freeMilli[gpu] ?? 0) + sign * shape.gpuMilli;
    this.#settle(index, held);
  }

  #settle(index: number, held: Held): void {
    this.#leave(held.state, index);
    const { cpuMilli, memoryMiB, freeMilli } = held;
    held.state = this.states.of(cpuMilli, memoryMiB, freeMilli.toSorted(ascending), held.state.model);
    this.#enter(held.state, index);
    if (this.states.size > mostStates) this.states.prune();
  }

  #enter(state: NodeState, index: number): void {
    const at = state.nodes.findIndex((other) => other > index);
    state.nodes.splice(at < 0 ? state.nodes.length : at, 0, index);
    this.occupied.add(state);
  }

  #leave(state: NodeState, index: number): void {
    state.nodes.splice(state.nodes.indexOf(index), 1);
    if (state.nodes.length === 0) this.occupied.delete(state);
  }

  #at(index: number): Held {
    const held = this.#held[index];
    if (!held) throw new RangeError(`there is no node ${index}`);
    return held;
  }
}

import { type Allows, cheapest } from "./choose.ts";
import { Fleet } from "./fleet.ts";
import { fragmentation } from "./fragmentation.ts";
import { Mix, type Shape } from "./mix.ts";
import { Prices } from "./prices.ts";
import { whyNot } from "./reason.ts";
import { type GpuNode, type GpuPod, type Placement, wholeMilli } from "./snapshot.ts";
import type { Move, NodeState } from "./states.ts";

/** How much fragmentation counts beside the worth of what is left: enough to decide between packings that are worth the same. */
const fragmentationWeight = 0.05;
/** Prices take a step each time this part of the nodes has got a pod. */
const stepEach = 1 / 64;

/** A node's index, and its GPUs. */
export interface Choice {
  readonly node: number;
  readonly gpus: readonly number[];
}

/**
 * Places pods as they come, each where what it takes is worth least to those that come after it. What comes is learnt from what
 * came: nothing is known of the mix beforehand.
 */
export class Planner {
  #fleet: Fleet;
  readonly #mix = new Mix();
  readonly #prices: Prices;
  readonly #stepEvery: number;
  #fragmentation = new Map<NodeState, number>();
  #untilStep = 0;

  constructor(nodes: readonly GpuNode[]) {
    this.#fleet = new Fleet(nodes);
    const sizes = new Set(nodes.map(({ gpus }) => gpus).filter((gpus) => gpus > 1));
    for (const gpus of sizes) this.#mix.see(this.#mix.shapeOf(whole(gpus)));
    this.#prices = new Prices(this.#mix, Math.max(0, ...sizes, 1));
    this.#stepEvery = Math.max(1, Math.floor(nodes.length * stepEach));
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** How many shapes of pods are known. */
  get shapes(): number {
    return this.#mix.size;
  }

  /** Goes on with these nodes, and with what was learnt of the pods. */
  renew(nodes: readonly GpuNode[]): void {
    this.#fleet = new Fleet(nodes, this.#fleet.vacate());
    if (this.#fragmentation.size > this.#fleet.states.size) this.#fragmentation = new Map();
  }

  /** Places a pod. null: it fits on no node now. */
  place(pod: GpuPod): Placement | null {
    const shape = this.#mix.shapeOf(pod);
    this.#learn(shape);
    const choice = this.choose(pod);
    if (!choice) return null;
    this.#fleet.put(choice.node, shape, choice.gpus);
    return { pod: pod.name, node: this.#fleet.nodes[choice.node]?.name ?? "", gpus: choice.gpus };
  }

  /**
   * Where a pod costs least now; it is not put there. null: it fits on no node.
   *
   * @param allows of the nodes with room only such; all where not given
   */
  choose(pod: GpuPod, allows?: Allows): Choice | null {
    const shape = this.#mix.shapeOf(pod);
    const found = cheapest(this.#fleet, shape, (from, move) => this.#cost(from, move), allows);
    return found && { node: found.node, gpus: this.#fleet.gpusFor(found.node, shape, found.move.takenFrom) };
  }

  shapeOf(pod: GpuPod): Shape {
    return this.#mix.shapeOf(pod);
  }

  /** Why a pod fits nowhere now. */
  whyNot(pod: GpuPod): string {
    return whyNot(this.#fleet, this.#mix.shapeOf(pod));
  }

  /**
   * A pod stands where somebody else put it. The caller has seen that it fits.
   *
   * @param gpus those that it takes a share of; none of a GPU that others whom it shares with hold already
   */
  assume(pod: GpuPod, node: number, gpus: readonly number[]): void {
    const shape = this.#mix.shapeOf(pod);
    this.#learn(shape);
    this.#fleet.put(node, shape, gpus);
  }

  /** A pod like this has come, wherever it stands. */
  see(pod: GpuPod): void {
    this.#learn(this.#mix.shapeOf(pod));
  }

  #learn(shape: Shape): void {
    this.#mix.see(shape);
    this.#untilStep -= 1;
    if (this.#untilStep > 0) return;
    this.#untilStep = this.#stepEvery;
    const { typical } = this.#prices;
    this.#prices.step(this.#fleet);
    if (this.#prices.typical !== typical) this.#fragmentation = new Map();
  }

  /** Of nodes that lose nothing by it, those without GPUs give their CPU first. */
  #cost(from: NodeState, { to, takenFrom }: Move): number {
    const besideGpus = takenFrom === 0 && from.freeMilli.length > 0 ? 1 : 0;
    const given = this.#prices.valueOf(from) - this.#prices.valueOf(to) + besideGpus;
    return given + fragmentationWeight * (this.#fragmentationOf(to) - this.#fragmentationOf(from));
  }

  #fragmentationOf(state: NodeState): number {
    let known = this.#fragmentation.get(state);
    if (known === undefined) {
      known = fragmentation(state, this.#prices.typical);
      this.#fragmentation.set(state, known);
    }
    return known;
  }
}

/** Before anything has come, a pod that takes all GPUs of a node is as likely as what comes first: so that nodes are kept whole. */
function whole(gpus: number): Omit<GpuPod, "name"> {
  return { cpuMilli: 0, memoryMiB: 0, gpus, gpuMilli: wholeMilli, models: [] };
}

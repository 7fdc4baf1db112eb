import {
  cheapest,
  type Cost,
  Fleet,
  fragmentation,
  type GpuNode,
  type GpuPod,
  Mix,
  type NodeState,
  Planner,
  type Shape,
  typicalCover,
  wholeMilli,
} from "@walras/controller/gpu";
import type { Rng } from "@walras/kit";

/** How a pod finds its GPUs. */
export interface PackingRule {
  readonly name: string;
  /**
   * @param usual what is known beforehand of the pods that will come
   * @returns tries to place a pod, and says whether it could
   */
  start(nodes: readonly GpuNode[], usual: readonly GpuPod[], rng: Rng): (pod: GpuPod) => boolean;
}

/** A rule that looks at one node at a time. */
function byCost(nodes: readonly GpuNode[], costOf: (shape: Shape) => Cost): (pod: GpuPod) => boolean {
  const fleet = new Fleet(nodes);
  const mix = new Mix();
  return (pod) => {
    const shape = mix.shapeOf(pod);
    const choice = cheapest(fleet, shape, costOf(shape));
    if (choice) fleet.put(choice.node, shape, fleet.gpusFor(choice.node, shape, choice.move.takenFrom));
    return choice !== null;
  };
}

/** Any node that has room, any GPU of it that has. */
const random: PackingRule = {
  name: "random",
  start: (nodes, _usual, rng) => {
    const fleet = new Fleet(nodes);
    const mix = new Mix();
    return (pod) => {
      const shape = mix.shapeOf(pod);
      const fitting = [...fleet.occupied].filter((state) => fleet.states.moves(state, shape).length > 0);
      const node = drawn(fitting, rng);
      if (node === null) return false;
      const shared = fleet.freeMilli(node).flatMap((free, gpu) => (free >= shape.gpuMilli ? [gpu] : []));
      const one = shared[Math.floor(rng() * shared.length)] ?? 0;
      const part = shape.gpus === 1 && shape.gpuMilli < wholeMilli;
      fleet.put(node, shape, part ? [one] : fleet.gpusFor(node, shape, wholeMilli));
      return true;
    };
  },
};

function drawn(states: readonly NodeState[], rng: Rng): number | null {
  let left = Math.floor(rng() * states.reduce((sum, { nodes }) => sum + nodes.length, 0));
  for (const { nodes } of states) {
    if (left < nodes.length) return nodes[left] ?? null;
    left -= nodes.length;
  }
  return null;
}

/** Half CPU, half GPU, as parts of what the largest node has; in whole points of a hundred. */
const bestFit: PackingRule = {
  name: "best fit",
  start: (nodes) => {
    const cpu = Math.max(...nodes.map(({ cpuMilli }) => cpuMilli));
    const gpu = Math.max(...nodes.map(({ gpus }) => gpus * wholeMilli));
    const left = ({ cpuMilli, totalFreeMilli }: NodeState): number => (cpuMilli / cpu + totalFreeMilli / gpu) / 2;
    return byCost(
      nodes,
      () =>
        (_from, { to }) =>
          -Math.floor(100 * (1 - left(to))),
    );
  },
};

/** FGD: the mix is known beforehand, and the descent is a sigmoid in whole points of a hundred, as in its authors' simulator. */
const fgd: PackingRule = {
  name: "FGD",
  start: (nodes, usual) => {
    const mix = new Mix();
    for (const pod of usual) mix.see(mix.shapeOf(pod));
    const typical = mix.typical(typicalCover, Infinity);
    const known = new Map<NodeState, number>();
    const of = (state: NodeState): number => {
      const value = known.get(state) ?? fragmentation(state, typical);
      known.set(state, value);
      return value;
    };
    return byCost(
      nodes,
      () =>
        (from, { to }) =>
          -Math.floor(100 / (1 + Math.exp((of(to) - of(from)) / wholeMilli))),
    );
  },
};

/** What `walras gpu plan` does: it learns the mix from what came before. */
const walras: PackingRule = {
  name: "walras",
  start: (nodes) => {
    const planner = new Planner(nodes);
    return (pod) => planner.place(pod) !== null;
  },
};

export const packingRules: readonly PackingRule[] = [random, bestFit, fgd, walras];

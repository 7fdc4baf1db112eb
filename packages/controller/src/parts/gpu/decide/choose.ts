import type { Fleet } from "./fleet.ts";
import type { Shape } from "./mix.ts";
import type { Move, NodeState } from "./states.ts";

/** A node, and what it becomes. */
export interface Cheapest {
  readonly node: number;
  readonly from: NodeState;
  readonly move: Move;
}

/** What a placement costs; less is better. */
export type Cost = (from: NodeState, move: Move) => number;

/** Costs closer than this are the same, whatever the order of a sum. */
const sameCost = 1e-6;

/** Whether a pod may run on the node with this index. */
export type Allows = (node: number) => boolean;

/** Where a pod of this shape costs least; of nodes that cost the same the first one. null: it fits nowhere. */
export function cheapest(fleet: Fleet, shape: Shape, cost: Cost, allows?: Allows): Cheapest | null {
  let best: Cheapest | null = null;
  let least = Infinity;
  for (const from of fleet.occupied) {
    const moves = fleet.states.moves(from, shape);
    const node = moves.length === 0 ? undefined : firstOf(from, allows);
    if (node === undefined) continue;
    for (const move of moves) {
      const its = cost(from, move);
      const better = its < least - sameCost || (its < least + sameCost && best !== null && node < best.node);
      if (!better) continue;
      best = { node, from, move };
      least = Math.min(least, its);
    }
  }
  return best;
}

/** Nodes in one state cost the same. */
function firstOf({ nodes }: NodeState, allows: Allows | undefined): number | undefined {
  return allows ? nodes.find(allows) : nodes[0];
}

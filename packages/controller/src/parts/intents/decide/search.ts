import { Heap } from "./heap.ts";

/** A step to another state. Its cost is not negative. */
export interface Step<State, Label> {
  readonly label: Label;
  readonly to: State;
  readonly cost: number;
}

/** What is searched. All of it is pure, and steps come in an order that does not depend on anything else. */
export interface Problem<State, Label> {
  readonly start: State;
  /** The same for states that are the same. */
  keyOf(state: State): string;
  stepsFrom(state: State): readonly Step<State, Label>[];
  /** What it costs to stay here; null: the goal is not reached. */
  endCost(state: State): number | null;
  /** Never more than what it costs to reach the goal from here and stay there. */
  lowerBound(state: State): number;
}

export interface SearchLimits {
  readonly maxStates: number;
  /** Asked before each state is looked at; true ends the search. */
  readonly isOver: () => boolean;
}

/** A way through the states, with what it costs. */
export interface Way<State, Label> {
  readonly steps: readonly Step<State, Label>[];
  readonly end: State;
  readonly cost: number;
}

/** A state that was reached; the way there is made when it is asked for. */
interface Reached<State, Label> {
  readonly end: State;
  readonly cost: number;
  readonly way: () => Way<State, Label>;
}

/** What came of a search. */
export interface Found<State, Label> {
  /** The cheapest way to the goal that was found; null: none was. */
  readonly best: Way<State, Label> | null;
  /** What ended the search before it had proved its answer; null: the answer is optimal. */
  readonly cutShort: "states" | "time" | null;
  /** Each state that was reached, by the cheapest way known. */
  readonly reached: () => Reached<State, Label>[];
  readonly stateCount: number;
}

interface Node<State, Label> {
  readonly state: State;
  readonly key: string;
  readonly cost: number;
  readonly depth: number;
  readonly by: { readonly step: Step<State, Label>; readonly from: Node<State, Label> } | null;
}

interface Entry<State, Label> {
  readonly bound: number;
  /** To stay in the node's state, rather than to go on from it. */
  readonly ends: boolean;
  readonly node: Node<State, Label>;
}

/**
 * A* (Hart, Nilsson and Raphael 1968). A state that is reached more cheaply
 * later is looked at again, so that the bound need only be admissible. Of ways
 * that cost the same the one of fewer steps wins, then the first by its key.
 * When it is cut short, the best way known so far is the answer.
 */
export function search<State, Label>(problem: Problem<State, Label>, limits: SearchLimits): Found<State, Label> {
  return new Search(problem, limits).run();
}

class Search<State, Label> {
  readonly #problem: Problem<State, Label>;
  readonly #limits: SearchLimits;
  readonly #open = new Heap<Entry<State, Label>>(isBefore);
  readonly #nodes = new Map<string, Node<State, Label>>();
  #best: Entry<State, Label> | null = null;
  #cutShort: Found<State, Label>["cutShort"] = null;

  constructor(problem: Problem<State, Label>, limits: SearchLimits) {
    this.#problem = problem;
    this.#limits = limits;
  }

  run(): Found<State, Label> {
    const { start } = this.#problem;
    this.#reach({ state: start, key: this.#problem.keyOf(start), cost: 0, depth: 0, by: null });
    for (let entry = this.#open.pop(); entry; entry = this.#open.pop()) {
      if (entry.ends) break;
      if (this.#nodes.get(entry.node.key) !== entry.node) continue;
      if (this.#limits.isOver()) {
        this.#cutShort = "time";
        break;
      }
      this.#expand(entry.node);
    }
    return {
      best: this.#best && wayOf(this.#best.node, this.#best.bound),
      cutShort: this.#cutShort,
      reached: () =>
        [...this.#nodes.values()].map((node) => {
          const { state: end, cost } = node;
          return { end, cost, way: () => wayOf(node, cost) };
        }),
      stateCount: this.#nodes.size,
    };
  }

  #expand(from: Node<State, Label>): void {
    for (const step of this.#problem.stepsFrom(from.state)) {
      const key = this.#problem.keyOf(step.to);
      const cost = from.cost + step.cost;
      const node = { state: step.to, key, cost, depth: from.depth + 1, by: { step, from } };
      const known = this.#nodes.get(key);
      if (known && !isCheaper(node, known)) continue;
      if (!known && this.#nodes.size >= this.#limits.maxStates) this.#cutShort = "states";
      else this.#reach(node);
    }
  }

  #reach(node: Node<State, Label>): void {
    this.#nodes.set(node.key, node);
    this.#open.push({ bound: node.cost + this.#problem.lowerBound(node.state), ends: false, node });
    const endCost = this.#problem.endCost(node.state);
    if (endCost === null) return;
    const end = { bound: node.cost + endCost, ends: true, node };
    this.#open.push(end);
    if (this.#best === null || isBefore(end, this.#best)) this.#best = end;
  }
}

function isCheaper<State, Label>(one: Node<State, Label>, other: Node<State, Label>): boolean {
  return one.cost < other.cost || (one.cost === other.cost && one.depth < other.depth);
}

/** Of ends that cost the same every one is in the heap before the first is taken: what may still lead to one goes first. */
function isBefore<State, Label>(one: Entry<State, Label>, other: Entry<State, Label>): boolean {
  if (one.bound !== other.bound) return one.bound < other.bound;
  if (one.ends !== other.ends) return other.ends;
  if (one.node.depth !== other.node.depth) return one.node.depth < other.node.depth;
  return one.node.key < other.node.key;
}

function wayOf<State, Label>(node: Node<State, Label>, cost: number): Way<State, Label> {
  const steps: Step<State, Label>[] = [];
  for (let at = node; at.by !== null; at = at.by.from) steps.push(at.by.step);
  return { steps: steps.toReversed(), end: node.state, cost };
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Problem, search, type SearchLimits, type Step } from "./search.ts";

interface Graph {
  readonly edges: readonly { readonly from: number; readonly to: number; readonly cost: number }[];
  /** What it costs to stay in each state; null: no goal. */
  readonly ends: readonly (number | null)[];
}

const unlimited: SearchLimits = { maxStates: Infinity, isOver: () => false };

function problemOf(graph: Graph, lowerBound: (state: number) => number): Problem<number, string> {
  const steps = graph.ends.map((_, from) =>
    graph.edges.flatMap((edge): Step<number, string>[] =>
      edge.from === from ? [{ label: `${from}-${edge.to}`, to: edge.to, cost: edge.cost }] : [],
    ),
  );
  return {
    start: 0,
    keyOf: (state) => String(state).padStart(3, "0"),
    stepsFrom: (state) => steps[state] ?? [],
    endCost: (state) => graph.ends[state] ?? null,
    lowerBound,
  };
}

/** The cheapest of all simple ways, each of them tried. */
function exhaustive({ edges, ends }: Graph, from = 0, seen: ReadonlySet<number> = new Set([0])): number {
  const here = ends[from] ?? Infinity;
  const onward = edges
    .filter((edge) => edge.from === from && !seen.has(edge.to))
    .map((edge) => edge.cost + exhaustive({ edges, ends }, edge.to, new Set([...seen, edge.to])));
  return Math.min(here, ...onward);
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 7 }).chain((size) => {
  const state = fc.nat(size - 1);
  return fc.record({
    edges: fc.array(fc.record({ from: state, to: state, cost: fc.nat(9) }), { maxLength: 14 }),
    ends: fc.array(fc.option(fc.nat(20)), { minLength: size, maxLength: size }),
  });
});

describe("A*", () => {
  it("finds what an exhaustive search finds, whatever fraction of the truth its bound knows", () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7 }), (graph, known) => {
        const truth = graph.ends.map((_, state) => exhaustive(graph, state, new Set([state])));
        const bound = (state: number): number => (Number.isFinite(truth[state]) ? truth[state]! * known[state]! : 0);
        const { best, cutShort } = search(problemOf(graph, bound), unlimited);
        expect(cutShort).toBeNull();
        expect(best?.cost ?? Infinity).toBeCloseTo(truth[0]!, 9);
        if (!best) return;
        const walked = best.steps.reduce((sum, { cost }) => sum + cost, graph.ends[best.end] ?? NaN);
        expect(walked).toBeCloseTo(best.cost, 9);
      }),
      { numRuns: 500 },
    );
  });

  it("takes of equal ways the shorter one, whatever the order of the steps", () => {
    const edges = [
      { from: 0, to: 1, cost: 1 },
      { from: 1, to: 3, cost: 1 },
      { from: 0, to: 2, cost: 2 },
      { from: 0, to: 4, cost: 2 },
    ];
    const ends = [null, null, 1, 1, 1];
    for (const some of [edges, edges.toReversed()]) {
      const { best } = search(
        problemOf({ edges: some, ends }, () => 0),
        unlimited,
      );
      expect(best).toMatchObject({ end: 2, cost: 3 });
    }
  });

  it("gives the best way so far when its time is over or its states are used up", () => {
    const chain: Graph = {
      edges: Array.from({ length: 9 }, (_, from) => ({ from, to: from + 1, cost: 1 })),
      ends: [null, 50, 40, 30, 20, 10, null, null, null, 0],
    };
    const problem = problemOf(chain, () => 0);
    let asked = 0;
    const timed = search(problem, { maxStates: Infinity, isOver: () => (asked += 1) > 3 });
    expect(timed).toMatchObject({ cutShort: "time", best: { end: 3, cost: 33 } });
    const bounded = search(problem, { maxStates: 6, isOver: () => false });
    expect(bounded).toMatchObject({ cutShort: "states", best: { end: 5, cost: 15 }, stateCount: 6 });
    expect(search(problem, unlimited)).toMatchObject({ cutShort: null, best: { end: 9, cost: 9 } });
  });

  it("says that there is no way where there is none, and what it has reached", () => {
    const { best, reached } = search(
      problemOf({ edges: [{ from: 0, to: 1, cost: 2 }], ends: [null, null] }, () => 0),
      unlimited,
    );
    expect(best).toBeNull();
    expect(reached().map(({ end, cost }) => [end, cost])).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });
});

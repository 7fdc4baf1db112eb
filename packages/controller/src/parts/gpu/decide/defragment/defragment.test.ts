import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { plan, type Plan } from "../plan.ts";
import { Planner } from "../planner.ts";
import { readMapText } from "../map/read.ts";
import { type GpuNode, type GpuPod, type Placement, wholeMilli } from "../snapshot.ts";
import { defragment, type Defragmentation } from "./defragment.ts";
import { broken, nodesArb, podsArb } from "../testing.ts";

const planned = (nodes: readonly GpuNode[], pods: readonly GpuPod[], mostMoves: number): Plan =>
  plan({ nodes, pods, map: null, mostMoves });

const node = (name: string, gpus: number): GpuNode => ({ name, cpuMilli: 32_000, memoryMiB: 65_536, gpus, model: "" });
const pod = (name: string, more: Partial<GpuPod> = {}): GpuPod => ({
  name,
  cpuMilli: 1000,
  memoryMiB: 1024,
  gpus: 1,
  gpuMilli: wholeMilli,
  models: [],
  ...more,
});

/** What is proposed for pods that stand somewhere, and others that wait. */
function defragmented(
  nodes: readonly GpuNode[],
  places: readonly (readonly [GpuPod, number, readonly number[]])[],
  waiting: readonly GpuPod[],
): Defragmentation {
  const planner = new Planner(nodes);
  for (const place of places) planner.assume(...place);
  const standing = places.map(([one, index, gpus]) => ({
    pod: one,
    shape: planner.shapeOf(one),
    node: index,
    gpus,
    fixed: false,
  }));
  return defragment({ planner, standing, waiting, mostMoves: 10 });
}

/** What stands at each moment while the moves are made one after another. */
function moments(before: readonly Placement[], { moves }: Plan): Placement[][] {
  const places = new Map(before.map((placement) => [placement.pod, placement]));
  return moves.map(({ pod: name, to }) => {
    places.set(name, { pod: name, ...to });
    return [...places.values()];
  });
}

describe("defragment", () => {
  it("keeps within every node, admits and never loses, moves each pod once and no more than allowed", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, fc.integer({ min: 1, max: 12 }), (nodes, pods, mostMoves) => {
        const before = planned(nodes, pods, 0);
        const after = planned(nodes, pods, mostMoves);
        expect(broken(nodes, pods, after.placed)).toEqual([]);
        expect(after.moves.length).toBeLessThanOrEqual(mostMoves);
        expect(new Set(after.moves.map((move) => move.pod)).size).toBe(after.moves.length);
        expect(after.allocatedGpuMilli).toBeGreaterThanOrEqual(before.allocatedGpuMilli);
        const names = new Set(after.placed.map((placement) => placement.pod));
        expect(before.placed.filter((placement) => !names.has(placement.pod))).toEqual([]);
        expect(after.placed.length + after.unplaced.length).toBe(pods.length);
        expect(after).toEqual(planned(nodes, pods, mostMoves));
      }),
    );
  });

  it("moves only where something has changed, from where the pod stands", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        const before = planned(nodes, pods, 0);
        const { moves } = planned(nodes, pods, 8);
        for (const { pod: name, from, to } of moves) {
          expect(before.placed).toContainEqual({ pod: name, ...from });
          expect(to).not.toEqual(from);
        }
      }),
    );
  });

  it("finds for each move its place free", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        const before = planned(nodes, pods, 0);
        const after = planned(nodes, pods, 8);
        for (const moment of moments(before.placed, after)) expect(broken(nodes, pods, moment)).toEqual([]);
      }),
    );
  });

  it("moves nobody where all have room", () => {
    expect(planned([node("one", 2)], [pod("a"), pod("b")], 5).moves).toEqual([]);
  });

  const nodes = [node("one", 2), node("two", 2)];

  it("puts two shares on one GPU for a pod that wants a whole one", () => {
    const standing = [
      [pod("a", { gpuMilli: 500 }), 0, [0]],
      [pod("b", { gpuMilli: 500 }), 0, [1]],
      [pod("c"), 1, [0]],
      [pod("d"), 1, [1]],
    ] as const;
    expect(defragmented(nodes, standing, [pod("late")])).toMatchObject({
      moves: [{ pod: "a", from: { node: "one", gpus: [0] }, to: { node: "one", gpus: [1] } }],
      placed: [{ pod: "late", node: "one", gpus: [0] }],
    });
  });

  it("moves CPU away from an idle GPU", () => {
    const standing = [
      [pod("cpu", { cpuMilli: 31_500, gpus: 0, gpuMilli: 0 }), 0, []],
      [pod("c"), 1, [0]],
      [pod("d", { cpuMilli: 1 }), 1, [1]],
    ] as const;
    const apart = [node("one", 2), { ...node("two", 2), cpuMilli: 34_000 }];
    expect(defragmented(apart, standing, [pod("late")]).moves).toEqual([
      { pod: "cpu", from: { node: "one", gpus: [] }, to: { node: "two", gpus: [] } },
    ]);
  });

  it("empties a node of two for a pod that wants all of it", () => {
    const standing = [
      [pod("a"), 0, [0]],
      [pod("b"), 1, [0]],
    ] as const;
    const { moves, placed } = defragmented(nodes, standing, [pod("late", { gpus: 2 })]);
    expect({ moves: moves.map((move) => move.pod), placed }).toEqual({
      moves: ["a"],
      placed: [{ pod: "late", node: "one", gpus: [0, 1] }],
    });
  });

  it("leaves those where they are whom a map put there", () => {
    const pods = [pod("a-0", { gpuMilli: 500 }), pod("a-1", { gpuMilli: 500 }), pod("b", { gpus: 2 })];
    const map = readMapText("0=one:0\n1=two:0");
    const { moves, unplaced } = plan({ nodes, pods, map, mostMoves: 5 });
    expect({ moves, unplaced: unplaced.map((one) => one.pod) }).toEqual({ moves: [], unplaced: ["b"] });
  });
});

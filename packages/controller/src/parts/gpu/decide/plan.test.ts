import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { plan } from "./plan.ts";
import type { GpuNode, GpuPod } from "./snapshot.ts";
import { broken, nodesArb, podOf, podsArb } from "./testing.ts";

const node = (name: string, more: Partial<GpuNode> = {}): GpuNode => ({
  name,
  cpuMilli: 64_000,
  memoryMiB: 262_160,
  gpus: 2,
  model: "A100",
  ...more,
});

const decide = (nodes: readonly GpuNode[], pods: readonly GpuPod[]): ReturnType<typeof plan> =>
  plan({ nodes, pods, map: null });

describe("plan", () => {
  it("keeps within every node's GPUs, CPU, memory and model, and says of each pod what becomes of it", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        const { placed, unplaced, allocatedGpuMilli } = decide(nodes, pods);
        expect(broken(nodes, pods, placed)).toEqual([]);
        expect([...placed, ...unplaced].map((one) => one.pod).toSorted()).toEqual(
          pods.map(({ name }) => name).toSorted(),
        );
        const names = new Set(placed.map((one) => one.pod));
        const asked = pods.filter(({ name }) => names.has(name)).reduce((sum, one) => sum + one.gpus * one.gpuMilli, 0);
        expect(allocatedGpuMilli).toBe(asked);
      }),
    );
  });

  it("answers the same to the same", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        expect(decide(nodes, pods)).toEqual(decide(nodes, pods));
      }),
    );
  });

  it("leaves no pod out that some node has room for", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        const first = decide(nodes, pods);
        const late = pods.filter(({ name }) => first.unplaced.some((one) => one.pod === name));
        const before = pods.filter(({ name }) => first.placed.some((one) => one.pod === name));
        for (const one of late) {
          const tried = nodes.flatMap(({ name, gpus }) =>
            [0, 1, 2, 3, 4, 5, 6, 7].slice(0, Math.max(1, gpus)).map((gpu) => ({ name, gpu })),
          );
          const fitting = tried.filter(({ name, gpu }) => {
            const taken = one.gpus === 0 ? [] : one.gpus === 1 ? [gpu] : null;
            if (taken === null) return false;
            const placement = { pod: one.name, node: name, gpus: taken };
            return broken(nodes, [...before, one], [...first.placed, placement]).length === 0;
          });
          expect(fitting).toEqual([]);
        }
      }),
    );
  });

  it("puts shares together and keeps GPUs whole", () => {
    const pods = [podOf("a-0", { gpuMilli: 500 }), podOf("b-0", { gpuMilli: 500 }), podOf("c-0")];
    expect(decide([node("one")], pods).placed).toEqual([
      { pod: "a-0", node: "one", gpus: [0] },
      { pod: "b-0", node: "one", gpus: [0] },
      { pod: "c-0", node: "one", gpus: [1] },
    ]);
  });

  it("puts pods without GPUs on nodes without GPUs, while there is room", () => {
    const nodes = [node("gpus"), node("none", { gpus: 0, cpuMilli: 2000 })];
    const pods = ["a", "b", "c"].map((name) => podOf(name, { gpus: 0, gpuMilli: 0 }));
    expect(decide(nodes, pods).placed.map((one) => one.node)).toEqual(["none", "none", "gpus"]);
  });

  it("keeps nodes whole for pods that want all of one", () => {
    const nodes = [node("one", { gpus: 4 }), node("two", { gpus: 4 })];
    const pods = [podOf("a"), podOf("b", { gpus: 2 }), podOf("c"), podOf("d", { gpus: 4 })];
    expect(decide(nodes, pods).unplaced).toEqual([]);
  });

  it("learns to leave a scarce model to those who ask for it", () => {
    const nodes = Array.from({ length: 20 }, (_, n) => node(`node-${n}`, { gpus: 8, model: n < 5 ? "A100" : "T4" }));
    const pods = Array.from({ length: 160 }, (_, n) => podOf(`pod-${n}`, { models: n % 5 === 0 ? ["A100"] : [] }));
    expect(decide(nodes, pods).unplaced).toEqual([]);
  });

  it.each([
    ["GPUs", podOf("p", { gpus: 3 }), "no node of 1 has room: 1 without 3 idle GPUs"],
    ["a model", podOf("p", { models: ["H100"] }), "no node of 1 has room: 1 not of model H100"],
    ["CPU", podOf("p", { cpuMilli: 65_000 }), "no node of 1 has room: 1 without 65000 m of CPU"],
    ["memory", podOf("p", { memoryMiB: 300_000 }), "no node of 1 has room: 1 without 300000 MiB of memory"],
  ])("says that %s is lacking", (_what, wanted, reason) => {
    expect(decide([node("one")], [wanted]).unplaced).toEqual([{ pod: "p", reason }]);
  });

  it("says that there is no node", () => {
    expect(decide([], [podOf("p")]).unplaced).toEqual([{ pod: "p", reason: "no node of 0 has room: there is none" }]);
  });
});

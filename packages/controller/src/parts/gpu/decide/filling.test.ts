import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Filling } from "./filling.ts";
import { Fleet } from "./fleet.ts";
import { Mix } from "./mix.ts";
import { plan } from "./plan.ts";
import { nodesArb, podsArb } from "./testing.ts";
import type { GpuNode, GpuPod } from "./snapshot.ts";

function fillingOf(nodes: readonly GpuNode[], pods: readonly GpuPod[]): { filling: Filling; fleet: Fleet } {
  const mix = new Mix();
  for (const pod of pods) mix.see(mix.shapeOf(pod));
  const typical = mix.typical(1, Infinity);
  const worth = Float64Array.from(typical, ({ shape }) => shape.totalMilli);
  const mostGpus = Math.max(1, ...nodes.map(({ gpus }) => gpus));
  return { filling: new Filling({ mix: typical, worth, temperature: 0, mostGpus }), fleet: new Fleet(nodes) };
}

describe("what free room is worth", () => {
  it("is never less than what a packing of the mix puts there, and never more than there is", () => {
    fc.assert(
      fc.property(nodesArb, podsArb, (nodes, pods) => {
        const { filling, fleet } = fillingOf(nodes, pods);
        const { allocatedGpuMilli } = plan({ nodes, pods, map: null });
        const worth = [...fleet.occupied].reduce((sum, state) => sum + state.nodes.length * filling.valueOf(state), 0);
        const capacity = nodes.reduce((sum, { gpus }) => sum + gpus * 1000, 0);
        expect(worth).toBeGreaterThanOrEqual(allocatedGpuMilli - 1e-6);
        expect(worth).toBeLessThanOrEqual(capacity + 1e-6);
      }),
    );
  });

  it("is nothing without CPU, for another model, or where the rest is too small", () => {
    const pod = { name: "a", cpuMilli: 1000, memoryMiB: 1024, gpus: 1, gpuMilli: 470, models: ["T4"] };
    const node = { name: "n", cpuMilli: 8000, memoryMiB: 8192, gpus: 2, model: "T4" };
    const worth = (more: Partial<GpuNode>): number => {
      const { filling, fleet } = fillingOf([{ ...node, ...more }], [pod]);
      return filling.valueOf(fleet.stateOf(0));
    };
    expect(worth({})).toBe(4 * 470);
    expect(worth({ cpuMilli: 0 })).toBe(0);
    expect(worth({ memoryMiB: 0 })).toBe(0);
    expect(worth({ model: "A100" })).toBe(0);
  });

  it("counts in its packings what it is worth", () => {
    fc.assert(
      fc.property(podsArb, (pods) => {
        const nodes = [{ name: "n", cpuMilli: 1e9, memoryMiB: 1e9, gpus: 8, model: "T4" }];
        const { filling, fleet } = fillingOf(nodes, pods);
        const mix = new Mix();
        for (const pod of pods) mix.see(mix.shapeOf(pod));
        const usage = filling.usage(fleet.occupied);
        const used = mix
          .typical(1, Infinity)
          .reduce((sum, { shape }, at) => sum + (usage[at] ?? 0) * shape.totalMilli, 0);
        expect(used).toBeCloseTo(filling.valueOf(fleet.stateOf(0)));
      }),
    );
  });
});

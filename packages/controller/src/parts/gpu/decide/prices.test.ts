import { describe, expect, it } from "vitest";

import { Fleet } from "./fleet.ts";
import { Mix } from "./mix.ts";
import { Prices } from "./prices.ts";
import type { GpuNode } from "./snapshot.ts";

const node = (name: string, model: string, gpus = 4): GpuNode => ({
  name,
  cpuMilli: 64_000,
  memoryMiB: 262_144,
  gpus,
  model,
});

const share = { cpuMilli: 1000, memoryMiB: 1024, gpus: 1, gpuMilli: 1000, models: [] };
type Asked = Parameters<Mix["shapeOf"]>[0];

const nodes = [node("a", "A100"), ...["b", "c", "d"].map((name) => node(name, "T4"))];

/** What a node is worth after many steps, when so many pods have been seen of what is asked for. */
function worthOf(seen: readonly (readonly [Asked, number])[]): (one: GpuNode) => number {
  const mix = new Mix();
  for (const [asked, count] of seen) for (let index = 0; index < count; index += 1) mix.see(mix.shapeOf(asked));
  const prices = new Prices(mix, 8);
  const fleet = new Fleet(nodes);
  for (let step = 0; step < 400; step += 1) prices.step(fleet);
  return (one) => prices.valueOf(new Fleet([one]).stateOf(0));
}

describe("prices", () => {
  const bound = { ...share, models: ["A100"] };

  it("make a model dear that many are bound to, and leave it as it is where few are", () => {
    const few = worthOf([
      [share, 9],
      [bound, 1],
    ]);
    expect(few(node("a", "A100")) / few(node("b", "T4"))).toBeCloseTo(1, 1);
    const many = worthOf([
      [share, 1],
      [bound, 1],
    ]);
    expect(many(node("a", "A100"))).toBeGreaterThan(1.5 * many(node("b", "T4")));
  });

  it("make room that nobody can use worth nothing, and two halves as much as a whole", () => {
    const worth = worthOf([
      [{ ...share, gpuMilli: 500 }, 2],
      [share, 1],
    ]);
    const half = worthOf([[{ ...share, gpuMilli: 500 }, 1]]);
    expect(worth(node("n", "T4", 1))).toBeCloseTo(1000, -2);
    expect(half(node("n", "T4", 1))).toBeCloseTo(1000, 0);
    expect(worth({ ...node("n", "T4"), cpuMilli: 0 })).toBe(0);
  });

  it("are not moved by those whom no node can take", () => {
    const worth = worthOf([
      [share, 1],
      [{ ...share, models: ["H100"] }, 1],
    ]);
    expect(worth(node("n", "T4", 1))).toBeCloseTo(1000, 0);
  });
});

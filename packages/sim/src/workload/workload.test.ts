import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Demand, curveOf, demandSchema } from "./demand.ts";
import { idleLoad, loadOf } from "./load.ts";
import { seedFor } from "./seed.ts";

const at = (demand: unknown, ...seconds: number[]): number[] => {
  const curve = curveOf(demandSchema.parse(demand), 1);
  return seconds.map((second) => Math.round(curve(second * 1000) * 1e6) / 1e6);
};

describe("demand curves", () => {
  it("stay, step, swing, switch and repeat", () => {
    expect(at({ kind: "constant", cores: 0.4 }, 0, 99)).toEqual([0.4, 0.4]);
    expect(at({ kind: "step", before: 1, after: 2, atSeconds: 5 }, 4.999, 5)).toEqual([1, 2]);
    expect(at({ kind: "wave", low: 1, high: 3, periodSeconds: 20 }, 0, 5, 10, 20)).toEqual([1, 2, 3, 1]);
    expect(at({ kind: "wave", low: 1, high: 3, periodSeconds: 20, phase: 0.5 }, 0)).toEqual([3]);
    expect(at({ kind: "batch", on: 2, periodSeconds: 10, share: 0.3 }, 0, 2.9, 3, 9, 10)).toEqual([2, 2, 0, 0, 2]);
    expect(at({ kind: "trace", values: [10, 20], cost: 0.01, stepSeconds: 5 }, 0, 5, 10)).toEqual([0.1, 0.2, 0.1]);
  });

  it("add up and scale", () => {
    const one: Demand = { kind: "constant", cores: 1 };
    expect(at({ kind: "sum", of: [one, { kind: "scale", of: one, by: 0.5 }] }, 3)).toEqual([1.5]);
  });

  it("burst about as often as they should", () => {
    const curve = curveOf(
      demandSchema.parse({ kind: "bursts", base: 0, peak: 1, windowSeconds: 1, probability: 0.2 }),
      7,
    );
    let peaks = 0;
    for (let second = 0; second < 5000; second += 1) peaks += curve(second * 1000);
    expect(peaks / 5000).toBeGreaterThan(0.17);
    expect(peaks / 5000).toBeLessThan(0.23);
  });

  it("keep noise within its amplitude, the same for a seed and another for another", () => {
    const noise: Demand = { kind: "noisy", of: { kind: "constant", cores: 2 }, amplitude: 0.25, windowSeconds: 0.5 };
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(), (tMs, seed) => {
        const demand = curveOf(noise, seed)(tMs);
        expect(Math.abs(demand - 2)).toBeLessThanOrEqual(0.5);
        expect(curveOf(noise, seed)(tMs)).toBe(demand);
      }),
    );
    const sequence = (seed: number): number[] => [1, 2, 3].map((second) => curveOf(noise, seed)(second * 1000));
    expect(sequence(seedFor(1, "one"))).not.toEqual(sequence(seedFor(1, "two")));
  });
});

describe("loads of containers", () => {
  it("come from the pod's annotation, or are idle", () => {
    const annotations = { "sim.walras.dev/load.app": '{"demand":{"kind":"constant","cores":2},"parallelism":1}' };
    expect(loadOf(annotations, "app")).toEqual({
      demand: { kind: "constant", cores: 2 },
      parallelism: 1,
      backlogSeconds: 0,
    });
    expect(loadOf(annotations, "other")).toBe(idleLoad);
  });

  it("are refused by name and value where they make no sense", () => {
    const load = (text: string): unknown => loadOf({ "sim.walras.dev/load.app": text }, "app");
    expect(() => load("{")).toThrow(/sim.walras.dev\/load.app: "{" is not JSON/);
    expect(() => load('{"demand":{"kind":"constant","cores":-1}}')).toThrow(/load.app.demand.cores: -1 is not valid/);
  });
});

import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { expectedLoads, type SeenLoad, seriesOf } from "./demand.ts";

const stepMs = 15_000;

function every(loads: readonly number[]): SeenLoad[] {
  return loads.map((load, index) => ({ atMs: index * stepMs, load }));
}

function expected(seen: readonly SeenLoad[], steps: readonly [number, number]): number | null {
  const series = seriesOf(seen);
  return (series && expectedLoads(series, [steps]))?.[0] ?? null;
}

/** Up by one each step, and down again. */
const triangle = Array.from({ length: 200 }, (_, step) => 20 + Math.min(step % 40, 40 - (step % 40)));

describe("the load to expect", () => {
  it("is the one there is, where it has never changed", () => {
    expect(expected(every(Array.from<number>({ length: 60 }).fill(25)), [1, 2])).toBeCloseTo(25, 9);
  });

  it("goes on as it has gone on before, up and down", () => {
    const rising = triangle.slice(0, 170);
    expect(rising.at(-1)).toBe(29);
    expect(expected(every(rising), [1, 2])).toBeCloseTo(30.5, 0);
    const falling = triangle.slice(0, 192);
    expect(falling.at(-1)).toBe(29);
    expect(expected(every(falling), [1, 2])).toBeCloseTo(27.5, 0);
  });

  it("comes back to its mean where it has done so: closer to the truth than the last that was seen", () => {
    const rng = seededRng(4);
    const loads = [50];
    for (let step = 1; step < 900; step += 1)
      loads.push(50 + 0.8 * ((loads.at(-1) ?? 0) - 50) + 10 * (rng() + rng() - 1));
    let [ours, theirs] = [0, 0];
    for (let now = 300; now + 4 < loads.length; now += 1) {
      const truth = ((loads[now + 3] ?? 0) + (loads[now + 4] ?? 0)) / 2;
      ours += ((expected(every(loads.slice(0, now + 1)), [3, 4]) ?? NaN) - truth) ** 2;
      theirs += ((loads[now] ?? 0) - truth) ** 2;
    }
    expect(ours / theirs).toBeLessThan(0.8);
  });

  it("changes by no more than it ever has", () => {
    // From the last but two on it has changed by this much: to the mean of 20 and 60.
    const jumped = [...triangle.slice(0, 160), 60];
    expect(expected(every(jumped), [1, 2])).toBeLessThanOrEqual((60 * (21 + 60)) / 2 / 22);
  });

  it("is not known after a few steps, nor right after a gap", () => {
    expect(expected(every(triangle.slice(0, 30)), [1, 2])).toBeNull();
    const before = every(triangle);
    const after = [0, 1].map((step) => ({ atMs: (300 + step) * stepMs, load: 25 }));
    expect(expected([...before, ...after], [1, 2])).toBeNull();
    expect(expected([], [1, 2])).toBeNull();
  });

  it("takes no notice of rounds in between", () => {
    const loads = every(triangle.slice(0, 170));
    const hurried = [...loads.slice(0, 100), { atMs: 99 * stepMs + 2_000, load: 500 }, ...loads.slice(100)];
    expect(expected(hurried, [1, 2])).toBe(expected(loads, [1, 2]));
  });
});

import type { PodPoints } from "@walras/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ghostOf } from "./ghost.ts";

/** Two seconds apart. */
function pointsOf(rows: readonly [used: number | null, throttled: number | null, limit: number | null][]): PodPoints {
  return {
    t: rows.map((_, index) => 1_000 + 2 * index),
    used: rows.map(([used]) => used),
    throttled: rows.map(([, throttled]) => throttled),
    limit: rows.map(([, , limit]) => limit),
    request: rows.map(() => 100),
    price: rows.map(() => 0),
  };
}

describe("the ghost of a declared limit", () => {
  it("is what was, where the limit was the declared one", () => {
    const points = pointsOf([
      [190, 40, 200],
      [150, 10, 201],
    ]);
    expect(ghostOf(points, 200)).toEqual({
      used: [190, 150],
      throttled: [40, 10],
      declaredLimitMilli: 200,
      throttledSeconds: 0.02,
      actualThrottledSeconds: 0.02,
    });
  });

  it("is throttled by what was used beyond it", () => {
    const points = pointsOf([
      [100, 0, 1000],
      [700, 0, 1000],
    ]);
    expect(ghostOf(points, 200)).toMatchObject({
      used: [100, 200],
      throttled: [0, 500],
      throttledSeconds: 1,
      actualThrottledSeconds: 0,
    });
  });

  it("is throttled less where a ration was smaller", () => {
    expect(ghostOf(pointsOf([[100, 300, 100]]), 250)).toMatchObject({ used: [250], throttled: [150] });
  });

  it("is stopped by nothing where nothing was declared", () => {
    expect(ghostOf(pointsOf([[100, 50, 100]]), null)).toMatchObject({
      used: [150],
      throttled: [0],
      declaredLimitMilli: null,
    });
  });

  it("knows nothing of what was not known, and counts no gap", () => {
    const points = pointsOf([
      [null, null, 200],
      [500, 0, 1000],
    ]);
    const gap = { ...points, t: [0, 3_600] };
    expect(ghostOf(pointsOf([[null, null, 200]]), 200)).toMatchObject({
      used: [null],
      throttledSeconds: null,
      actualThrottledSeconds: null,
    });
    expect(ghostOf(gap, 200).throttledSeconds).toBe(3);
  });

  it("never uses more than the declared limit, nor more than it wanted", () => {
    const amount = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(amount, amount, amount, fc.integer({ min: 10, max: 10_000 }), (used, throttled, limit, declared) => {
        const ghost = ghostOf(pointsOf([[used, throttled, limit]]), declared);
        const isSame = Math.abs(limit - declared) <= 0.01 * declared;
        if (!isSame) expect(ghost.used[0]).toBeLessThanOrEqual(declared);
        expect(ghost.used[0]).toBeLessThanOrEqual(used + throttled);
        if (limit > declared && !isSame) expect(ghost.throttled[0]).toBeGreaterThanOrEqual(throttled);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { beside, gridOf, squareAt } from "./grid.ts";

describe("squares of a map", () => {
  it("all fit their width, and as many rows as there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 3_000 }), (count, width) => {
        const { columns, rows, pitch, height } = gridOf(count, width, 400);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(height).toBe(rows * pitch);
        if (width >= pitch) expect(columns * pitch).toBeLessThanOrEqual(width);
        if (pitch > 6) expect(height).toBeLessThanOrEqual(400);
      }),
    );
  });

  it("are found again by a point in them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(), (count, any) => {
        const grid = gridOf(count, 1_200, 400);
        const index = any % count;
        const x = (index % grid.columns) * grid.pitch + 1;
        const y = Math.floor(index / grid.columns) * grid.pitch + 1;
        expect(squareAt(grid, count, x, y)).toBe(index);
      }),
    );
  });

  it("are not found beside the map", () => {
    const grid = gridOf(10, 100, 400);
    expect(squareAt(grid, 10, -1, 0)).toBeNull();
    expect(squareAt(grid, 10, 99.9, 0)).toBeNull();
    expect(squareAt(grid, 10, 0, 10_000)).toBeNull();
  });

  it("have neighbours; at an edge one stays", () => {
    const grid = gridOf(10, 4 * 34, 400);
    expect(grid.columns).toBe(4);
    expect((["up", "down", "left", "right"] as const).map((to) => beside(grid, 10, 5, to))).toEqual([1, 9, 4, 6]);
    expect((["up", "left"] as const).map((to) => beside(grid, 10, 0, to))).toEqual([0, 0]);
    expect((["down", "right"] as const).map((to) => beside(grid, 10, 9, to))).toEqual([9, 9]);
  });
});

import { seededRng } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { pack, type PackItem } from "./pack.ts";

/** Every subset. */
function bruteForce(items: readonly PackItem[], capacity: number, most: number): number {
  let best = 0;
  const walk = (index: number, left: { weight: number; number: number }, value: number): void => {
    best = Math.max(best, value);
    for (let next = index; next < items.length && left.number > 0; next += 1) {
      const item = items[next]!;
      if (item.weight > left.weight) continue;
      walk(next + 1, { weight: left.weight - item.weight, number: left.number - 1 }, value + item.value);
    }
  };
  walk(0, { weight: capacity, number: most }, 0);
  return best;
}

const itemsArbitrary = fc
  .array(fc.record({ value: fc.integer({ min: 1, max: 60 }), weight: fc.integer({ min: 0, max: 30 }) }), {
    maxLength: 18,
  })
  .map((items) => items.map((item, index) => ({ id: `app-${index}`, ...item })));

const total = (items: readonly PackItem[], key: "value" | "weight"): number =>
  items.reduce((sum, item) => sum + item[key], 0);

describe("pack", () => {
  it("is worth as much as the best of all subsets, and keeps both bounds", () => {
    fc.assert(
      fc.property(
        itemsArbitrary,
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 0, max: 18 }),
        (items, capacity, most) => {
          const { chosen, exact } = pack(items, capacity, most);
          expect(exact).toBe(true);
          expect(total(chosen, "weight")).toBeLessThanOrEqual(capacity);
          expect(chosen.length).toBeLessThanOrEqual(most);
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(total(chosen, "value")).toBe(bruteForce(items, capacity, most));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("still takes a weightless item where no capacity is left", () => {
    const items = [
      [32, 15],
      [3, 14],
      [31, 8],
      [1, 0],
      [1, 0],
      [31, 3],
    ].map(([value = 0, weight = 0], index) => ({ id: `app-${index}`, value, weight }));
    expect(total(pack(items, 25, 4).chosen, "value")).toBe(66);
  });

  it("does not depend on the order of its items", () => {
    fc.assert(
      fc.property(itemsArbitrary, fc.infiniteStream(fc.nat()), (items, keys) => {
        const shuffled = items
          .map((item) => ({ item, key: keys.next().value! }))
          .toSorted((one, other) => one.key - other.key);
        const again = pack(
          shuffled.map(({ item }) => item),
          60,
          4,
        );
        expect(again.chosen.map(({ id }) => id)).toEqual(pack(items, 60, 4).chosen.map(({ id }) => id));
      }),
    );
  });

  it("finds the best of a thousand where the number binds, and where the weight does", () => {
    const rng = seededRng(7);
    const items = Array.from({ length: 1000 }, (_, index) => ({
      id: `app-${index}`,
      value: 1 + Math.floor(rng() * 40_000),
      weight: 500 + Math.floor(rng() * 4000),
    }));
    for (const [capacity, most] of [
      [6000, 2],
      [6000, 50],
      [60_000, 20],
      [100_000, 1000],
    ] as const) {
      const { chosen, exact } = pack(items, capacity, most);
      expect(exact).toBe(true);
      expect(total(chosen, "weight")).toBeLessThanOrEqual(capacity);
      expect(chosen.length).toBeLessThanOrEqual(most);
    }
  });
});

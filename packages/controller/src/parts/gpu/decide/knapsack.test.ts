import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fill, type Item, itemsOf, spread } from "./knapsack.ts";

const itemsArb = fc
  .array(fc.record({ room: fc.integer({ min: 1, max: 9 }), value: fc.integer({ min: 1, max: 50 }) }), { maxLength: 4 })
  .map((items): Item[] => items.map((item, index) => ({ ...item, members: [{ index, share: 1 }] })));

/** By trying everything. */
function best(items: readonly Item[], room: number, base: number): number {
  if (room === 0) return 0;
  const tried = items
    .filter((item) => item.room <= room)
    .map((item) => item.value + best(items, room - item.room, base));
  return Math.max(base + best(items, room - 1, base), ...tried);
}

describe("fill", () => {
  it("is the best there is", () => {
    fc.assert(
      fc.property(itemsArb, fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 5 }), (items, room, base) => {
        expect(fill(items, room, base).value[room]).toBe(best(items, room, base));
      }),
    );
  });
});

describe("spread", () => {
  it("accounts for all room and all value", () => {
    fc.assert(
      fc.property(itemsArb, fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }), (items, counts) => {
        const filled = fill(items, counts.length - 1, 1);
        const use = new Float64Array(items.length);
        const left = spread(filled, Float64Array.from(counts), use);
        const sum = (of: (count: number, index: number) => number): number =>
          counts.reduce((total, count, index) => total + of(count, index), 0);
        const used = (of: (item: Item) => number): number =>
          items.reduce((total, item, index) => total + of(item) * (use[index] ?? 0), 0);
        expect(used(({ room }) => room) + left).toBeCloseTo(sum((count, room) => count * room));
        expect(used(({ value }) => value) + left).toBeCloseTo(sum((count, room) => count * (filled.value[room] ?? 0)));
      }),
    );
  });
});

describe("itemsOf", () => {
  const candidates = [
    { index: 0, room: 2, value: 10, weight: 0.5 },
    { index: 1, room: 2, value: 30, weight: 0.5 },
    { index: 2, room: 3, value: -1, weight: 1 },
  ];

  it("takes the most valuable of a room where nothing is smoothed, and nobody whose value is none", () => {
    expect(itemsOf(candidates, 0)).toEqual([{ room: 2, value: 30, members: [{ index: 1, share: 1 }] }]);
  });

  it("lies between the mean and the most, and stands for all in proportion", () => {
    const [item] = itemsOf(candidates, 20);
    expect(item?.value).toBeGreaterThan(20);
    expect(item?.value).toBeLessThan(30);
    expect(item?.members.map(({ index }) => index)).toEqual([0, 1]);
    expect(item?.members.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(item?.members[1]?.share).toBeGreaterThan(0.5);
  });
});

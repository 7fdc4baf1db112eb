import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { clear, type Bid, type Clearing } from "./clear.ts";

const runs = 10_000;

const bidArbitrary = fc
  .record({
    weight: fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.integer({ min: 1, max: 10 })),
    floor: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 }), fc.double({ min: 0, max: 2000, noNaN: true })),
    span: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8000 }), fc.double({ min: 0, max: 8000, noNaN: true })),
  })
  .map(({ weight, floor, span }): Omit<Bid, "id"> => ({ weight, floorMilli: floor, capMilli: floor + span }));

const marketArbitrary = fc.record({
  capacity: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 64_000 }),
    fc.double({ min: 0, max: 64_000, noNaN: true }),
  ),
  bids: fc
    .array(bidArbitrary, { maxLength: 60 })
    .map((bids): Bid[] => bids.map((bid, index) => ({ ...bid, id: String(index) }))),
});

/** Asserts the optimality conditions of the convex programme, relative to the size of the market. */
function expectOptimal(capacity: number, bids: readonly Bid[], result: Clearing): void {
  const tolerance = 1e-9 * Math.max(1, capacity);
  const exact = result.allocations.map((allocation) => allocation.exactMilli);
  const sum = exact.reduce((total, x) => total + x, 0);
  const overloaded = result.mode === "overloaded";
  expect(sum).toBeLessThanOrEqual(capacity + tolerance);
  bids.forEach((bid, index) => {
    const base = overloaded ? 0 : bid.floorMilli;
    const top = overloaded ? bid.floorMilli : bid.capMilli;
    const x = exact[index]!;
    expect(x).toBeGreaterThanOrEqual(base - tolerance);
    expect(x).toBeLessThanOrEqual(top + tolerance);
    const wanted = result.mode === "uncongested" ? top : Math.min(top, base + bid.weight / result.price);
    expect(Math.abs(x - wanted)).toBeLessThanOrEqual(tolerance);
  });
  if (result.mode === "uncongested") expect(result.price).toBe(0);
  else expect(Math.abs(sum - capacity)).toBeLessThanOrEqual(tolerance);
}

describe("clear", () => {
  it("satisfies the KKT conditions on random and degenerate markets", () => {
    fc.assert(
      fc.property(marketArbitrary, ({ capacity, bids }) => {
        expectOptimal(capacity, bids, clear(capacity, bids));
      }),
      { numRuns: runs },
    );
  });

  it("rounds to granules within capacity, within 10 m of the solution and never above a cap", () => {
    fc.assert(
      fc.property(marketArbitrary, ({ capacity, bids }) => {
        const { allocations } = clear(capacity, bids);
        expect(allocations.reduce((total, { milli }) => total + milli, 0)).toBeLessThanOrEqual(capacity);
        allocations.forEach(({ milli, exactMilli }, index) => {
          expect(milli % 10).toBe(0);
          expect(Math.abs(milli - exactMilli)).toBeLessThanOrEqual(10);
          expect(milli).toBeLessThanOrEqual(bids[index]!.capMilli + 1e-6);
        });
      }),
      { numRuns: runs },
    );
  });

  it("leaves less than a granule a bidder unused when somebody wants more", () => {
    fc.assert(
      fc.property(marketArbitrary, ({ capacity, bids }) => {
        const result = clear(capacity, bids);
        if (result.mode !== "congested") return;
        const used = result.allocations.reduce((total, { milli }) => total + milli, 0);
        expect(capacity - used).toBeLessThan(10 * (bids.length + 1));
      }),
    );
  });

  it("divides the surplus above the floors by weight", () => {
    const bids = [1, 2, 4].map((weight) => ({ id: `w${weight}`, weight, floorMilli: 100, capMilli: 4000 }));
    const result = clear(1700, bids);
    expect(result.mode).toBe("congested");
    expect(result.price).toBeCloseTo(7 / 1400, 12);
    expect(result.allocations.map(({ milli }) => milli)).toEqual([300, 500, 900]);
  });

  it("gives everybody its cap at price zero when all caps fit", () => {
    const result = clear(4000, [{ id: "a", weight: 1, floorMilli: 100, capMilli: 112.4 }]);
    expect(result).toEqual({
      mode: "uncongested",
      price: 0,
      allocations: [{ id: "a", milli: 110, exactMilli: 112.4 }],
    });
  });

  it("shrinks floors by weight when they do not fit, none above its floor", () => {
    const result = clear(300, [
      { id: "light", weight: 1, floorMilli: 400, capMilli: 500 },
      { id: "heavy", weight: 2, floorMilli: 400, capMilli: 500 },
      { id: "small", weight: 1, floorMilli: 30, capMilli: 500 },
    ]);
    expect(result.mode).toBe("overloaded");
    expect(result.allocations.map(({ milli }) => milli)).toEqual([90, 180, 30]);
  });

  it("does not depend on the order of the bids", () => {
    fc.assert(
      fc.property(marketArbitrary, ({ capacity, bids }) => {
        const forward = clear(capacity, bids);
        const backward = clear(capacity, bids.toReversed());
        forward.allocations.forEach(({ exactMilli }, index) => {
          const other = backward.allocations[bids.length - 1 - index]!.exactMilli;
          expect(Math.abs(exactMilli - other)).toBeLessThanOrEqual(1e-9 * Math.max(1, capacity));
        });
      }),
    );
  });

  it("settles markets that freeze one bidder a step", () => {
    const bids = Array.from({ length: 200 }, (_, index) => ({
      id: String(index),
      weight: 3 ** -index + 1e-3,
      floorMilli: 0,
      capMilli: 3 ** (index / 20),
    }));
    expectOptimal(500, bids, clear(500, bids));
  });

  it("clears the empty market and the one without capacity", () => {
    expect(clear(1000, [])).toEqual({ mode: "uncongested", price: 0, allocations: [] });
    const starved = clear(0, [{ id: "a", weight: 1, floorMilli: 0, capMilli: 50 }]);
    expect(starved.mode).toBe("congested");
    expect(starved.price).toBe(Infinity);
    expect(starved.allocations[0]).toEqual({ id: "a", milli: 0, exactMilli: 0 });
  });
});

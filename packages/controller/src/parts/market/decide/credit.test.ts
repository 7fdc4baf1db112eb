import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { clear } from "./clear.ts";
import { creditFactor, creditSpan, settleCredits } from "./credit.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";

const capacity = 1000;

/** Plays rounds in which each asks for what `reports` says and can use what `demands` says. */
function play(
  demands: readonly (readonly number[])[],
  reports: readonly (readonly number[])[],
): { useful: number[]; credits: number[] } {
  const players = demands[0]?.length ?? 0;
  const useful = Array.from({ length: players }, () => 0);
  let credits = new Map(useful.map((_, index) => [String(index), 0]));
  demands.forEach((demand, turn) => {
    const bids = demand.map((_, index) => ({
      id: String(index),
      weight: creditFactor(credits.get(String(index)) ?? 0, creditSpan(1, players, capacity, policy)),
      floorMilli: 0,
      capMilli: reports[turn]?.[index] ?? 0,
    }));
    const result = clear(capacity, bids);
    result.allocations.forEach(({ exactMilli }, index) => {
      useful[index] = (useful[index] ?? 0) + Math.min(exactMilli, demand[index] ?? 0);
    });
    const stakes = result.allocations.map(({ id, exactMilli }) => ({
      uid: id,
      weight: 1,
      entitledMilli: 0,
      allocatedMilli: exactMilli,
      credit: credits.get(id) ?? 0,
    }));
    credits = settleCredits(stakes, capacity, 10, policy);
  });
  return { useful, credits: useful.map((_, index) => credits.get(String(index)) ?? 0) };
}

const demandsArbitrary = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 30, max: 80 }))
  .chain(([players, rounds]) =>
    fc.array(fc.array(fc.constantFrom(50, 200, 400, 900), { minLength: players, maxLength: players }), {
      minLength: rounds,
      maxLength: rounds,
    }),
  );

describe("credits", () => {
  it("do not let inflated demand pay in the long run", () => {
    fc.assert(
      fc.property(demandsArbitrary, fc.integer({ min: 2, max: 10 }), (demands, factor) => {
        const honest = play(demands, demands).useful[0] ?? 0;
        const inflated = demands.map(([first = 0, ...others]) => [first * factor, ...others]);
        const liar = play(demands, inflated).useful[0] ?? 0;
        expect(liar).toBeLessThanOrEqual(honest * 1.001);
      }),
      { numRuns: 1000 },
    );
  });

  it("are neither made nor lost by a round", () => {
    fc.assert(
      fc.property(demandsArbitrary, (demands) => {
        const { credits } = play(demands.slice(0, 3), demands);
        expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeCloseTo(0, 3);
      }),
    );
  });

  it("favour who yielded over who borrowed when both want all", () => {
    const demands = [
      ...Array.from({ length: 20 }, () => [50, 900, 900]),
      ...Array.from({ length: 20 }, () => [900, 900, 900]),
    ];
    const before = play(demands.slice(0, 20), demands).useful;
    const after = play(demands, demands).useful;
    const late = after.map((sum, index) => sum - (before[index] ?? 0));
    expect(late[0]).toBeGreaterThan((late[1] ?? 0) * 1.1);
  });

  it("leave the proportion of equally hungry weights alone", () => {
    const weights = [1, 2, 4];
    const idle = { uid: "idle", weight: 3, entitledMilli: 100, allocatedMilli: 50, credit: 0 };
    const stakes = weights.map((weight) => ({
      uid: `w${weight}`,
      weight,
      entitledMilli: 0,
      allocatedMilli: (950 * weight) / 7,
      credit: 0,
    }));
    const credits = settleCredits([...stakes, idle], capacity, 60, policy);
    const factors = weights.map((weight) =>
      creditFactor(credits.get(`w${weight}`) ?? 0, creditSpan(weight, 10, capacity, policy)),
    );
    expect(factors[1]).toBeCloseTo(factors[0] ?? 0, 9);
    expect(factors[2]).toBeCloseTo(factors[0] ?? 0, 9);
  });

  it("make the richest count twice the poorest at most", () => {
    expect(creditFactor(1e12, 1000) / creditFactor(-1e12, 1000)).toBeCloseTo(2, 12);
    expect(creditFactor(0, 1000)).toBe(1);
    expect(creditFactor(5, 0)).toBe(1);
  });
});

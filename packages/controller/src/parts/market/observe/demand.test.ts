import { describe, expect, it } from "vitest";

import { type Belief, firstImpression, learn } from "./demand.ts";
import { defaultMarketPolicy as policy } from "../decide/policy.ts";
import { aSample } from "../decide/testing.ts";

function after(samples: readonly Parameters<typeof aSample>[0][]): Belief {
  let belief: Belief | undefined;
  samples.forEach((part, second) => {
    const sample = aSample({ atMs: second * 1000, ...part });
    if (belief) learn(belief, sample, policy);
    else belief = firstImpression(sample, policy);
  });
  if (!belief) throw new Error("no samples");
  return belief;
}

describe("observe", () => {
  it("follows a rise within one sample", () => {
    expect(after([{ usageMilli: 100 }, { usageMilli: 700 }]).peakMilli).toBe(700);
  });

  it("holds a peak, then lets it fade towards the usage", () => {
    const quiet = Array.from({ length: 60 }, () => ({ usageMilli: 0 }));
    expect(after([{ usageMilli: 800 }, ...quiet]).peakMilli).toBe(800);
    const long = Array.from({ length: 660 }, () => ({ usageMilli: 0 }));
    expect(after([{ usageMilli: 800 }, ...long]).peakMilli).toBeLessThan(1);
  });

  it("remembers for hours what was needed, and the quota that throttled", () => {
    const quiet = Array.from({ length: 900 }, () => ({ usageMilli: 0 }));
    expect(after([{ usageMilli: 800 }, ...quiet]).surgeMilli).toBeGreaterThan(700);
    expect(after([{ usageMilli: 40, quotaMilli: 400, throttledRatio: 0.1, throttledMilli: 5 }]).surgeMilli).toBe(400);
  });

  it("takes a spinning single thread's throttled time for demand", () => {
    const demand = after([{ usageMilli: 500, throttledRatio: 1, throttledMilli: 500, quotaMilli: 500 }]);
    expect(demand.wantedMilli).toBe(1000);
  });

  it("bounds the growth of one step by the share of throttled periods", () => {
    const demand = after([{ usageMilli: 100, throttledRatio: 0.1, throttledMilli: 900, quotaMilli: 110 }]);
    expect(demand.wantedMilli).toBeCloseTo(100 * (1 + policy.throttledGrowth * 0.1));
  });

  it("widens the margin while throttling exceeds what is accepted, and forgets slowly", () => {
    const throttled = after(Array.from({ length: 5 }, () => ({ throttledRatio: 0.5, throttledMilli: 50 })));
    expect(throttled.margin).toBeGreaterThan(policy.minMargin + 0.15);
    learn(throttled, aSample({ atMs: 1_800_000 }), policy);
    expect(throttled.margin).toBeCloseTo(policy.minMargin, 2);
  });

  it("learns no margin from a quota that was used up: its level is too low, or it is rationed", () => {
    const rationed = { usageMilli: 200, quotaMilli: 200, throttledRatio: 1, throttledMilli: 800 };
    expect(after(Array.from({ length: 30 }, () => rationed)).margin).toBe(policy.minMargin);
  });

  it("forgets a guess about demand as soon as usage tells better", () => {
    const guess = { usageMilli: 100, quotaMilli: 100, throttledRatio: 1, throttledMilli: 900 };
    const known = Array.from({ length: 4 }, () => ({ usageMilli: 150, quotaMilli: 400 }));
    const demand = after([guess, ...known]);
    expect(demand.peakMilli).toBe(150);
    expect(demand.wantedMilli).toBeLessThan(200);
  });

  it("asks for a larger guarantee, not a higher limit, when the node makes it wait", () => {
    const demand = after(Array.from({ length: 120 }, () => ({ usageMilli: 100, pressureRatio: 0.8 })));
    expect(demand.meanMilli).toBeCloseTo(180, 0);
    expect(demand.peakMilli).toBe(100);
  });

  it("takes a shrink back that throttles, and shrinks nothing for a while", () => {
    const demand = after([
      { usageMilli: 90, quotaMilli: 400 },
      { usageMilli: 90, quotaMilli: 100 },
      { usageMilli: 100, quotaMilli: 100, throttledRatio: 0.6, throttledMilli: 40 },
    ]);
    expect(demand.peakMilli * (1 + demand.margin)).toBeGreaterThanOrEqual(400);
    expect(demand.holdUntilMs).toBe(2000 + policy.rollbackHoldMs);
  });

  it("does not blame throttling on a shrink of long ago", () => {
    const steady = Array.from({ length: 10 }, () => ({ usageMilli: 90, quotaMilli: 100 }));
    const demand = after([
      { usageMilli: 90, quotaMilli: 400 },
      ...steady,
      { usageMilli: 100, quotaMilli: 100, throttledRatio: 0.2, throttledMilli: 40 },
    ]);
    expect(demand.holdUntilMs).toBe(0);
  });

  it("ignores a sample that is not newer", () => {
    const belief = after([{ usageMilli: 100 }, { usageMilli: 200 }]);
    const before = structuredClone(belief);
    expect(learn(belief, aSample({ atMs: 500, usageMilli: 900 }), policy)).toBe(false);
    expect(belief).toEqual(before);
  });
});

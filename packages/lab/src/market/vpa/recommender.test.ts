import { describe, expect, it } from "vitest";

import { Recommender } from "./recommender.ts";
import { isUpdated } from "./updater.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;

function watched(minutes: number, usedMilli: number, requestMilli = 100): Recommender {
  const recommender = new Recommender();
  for (let minute = 1; minute <= minutes; minute += 1)
    recommender.observe({ atMs: minute * minuteMs, forMs: minuteMs, usedMilli, requestMilli });
  return recommender;
}

describe("VPA's recommender", () => {
  it("says nothing before it has seen anything", () => {
    expect(new Recommender().recommend()).toBeNull();
  });

  // 100 m lie in the bucket that ends at 110.27 m; with the margin 126.8 m.
  it("adds 15 %, and doubts the upper bound by 1 + 1/N after N days", () => {
    expect(watched(1440, 100).recommend()).toEqual({ lowerMilli: 126, targetMilli: 126, upperMilli: 253 });
    expect(watched(5 * 1440, 100).recommend()?.upperMilli).toBe(152);
  });

  // N = 1/24: (1 + 0.024)^-2 = 0.9537.
  it("doubts the lower bound by (1 + 0.001/N)^-2", () => {
    expect(watched(60, 100).recommend()).toEqual({ lowerMilli: 120, targetMilli: 126, upperMilli: 3170 });
  });

  it("never recommends less than 25 m", () => {
    expect(watched(1440, 1).recommend()).toEqual({ lowerMilli: 25, targetMilli: 25, upperMilli: 25 });
  });

  it("counts five minutes as five samples", () => {
    const recommender = new Recommender();
    recommender.observe({ atMs: 5 * minuteMs, forMs: 5 * minuteMs, usedMilli: 100, requestMilli: 100 });
    expect(recommender.confidenceDays).toBeCloseTo(5 / 1440, 9);
  });

  it("weighs a sample by the request of its time, at least 100 m", () => {
    const recommender = watched(60, 5, 10);
    for (let minute = 61; minute <= 70; minute += 1)
      recommender.observe({ atMs: minute * minuteMs, forMs: minuteMs, usedMilli: 1000, requestMilli: 1000 });
    // Ten minutes at 1 core outweigh sixty at 0.1: 10 against 6, of which the median is the former.
    expect(recommender.recommend()?.lowerMilli).toBeGreaterThan(1000);
  });
});

describe("VPA's updater", () => {
  const recommendation = { lowerMilli: 100, targetMilli: 150, upperMilli: 300 };

  it("acts at once where the request is out of bounds", () => {
    expect([99, 301].map((request) => isUpdated(request, 0, recommendation))).toEqual([true, true]);
  });

  it("waits 12 h where it is in bounds", () => {
    expect(isUpdated(250, 12 * hourMs - 1, recommendation)).toBe(false);
    expect(isUpdated(250, 12 * hourMs, recommendation)).toBe(true);
  });

  it("leaves a target that is less than 10 % away", () => {
    expect(isUpdated(160, 24 * hourMs, recommendation)).toBe(false);
    expect(isUpdated(167, 24 * hourMs, recommendation)).toBe(true);
  });
});

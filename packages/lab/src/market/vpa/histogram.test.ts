import { describe, expect, it } from "vitest";

import { bucketOf, DecayingHistogram, startOf } from "./histogram.ts";

const dayMs = 24 * 3_600_000;

describe("VPA's buckets", () => {
  it("are 10 m, 10.5 m, 11.025 m wide", () => {
    expect([0, 1, 2, 3].map(startOf)).toEqual([0, 10, 20.5, 31.525].map((milli) => expect.closeTo(milli, 6)));
  });

  it("hold what is not below their start", () => {
    expect([0, 9.9, 10, 20, 21, 1000].map(bucketOf)).toEqual([0, 0, 1, 1, 2, 36]);
  });

  it("end at a thousand cores, and the last takes what is more", () => {
    expect(bucketOf(1e9)).toBe(175);
    expect(startOf(175)).toBeGreaterThan(1_000_000);
  });
});

describe("VPA's histogram", () => {
  it("gives the end of the bucket in which the percentile lies", () => {
    const histogram = new DecayingHistogram();
    histogram.add(5, 9, 0);
    histogram.add(1000, 1, 0);
    expect(histogram.percentile(0.9)).toBeCloseTo(10);
    expect(histogram.percentile(0.91)).toBeCloseTo(1016.28, 2);
  });

  it("is 0 while it is empty", () => {
    const histogram = new DecayingHistogram();
    expect([histogram.empty, histogram.percentile(0.9)]).toEqual([true, 0]);
  });

  it("counts a sample half after a day", () => {
    const older = (weight: number): number => {
      const histogram = new DecayingHistogram();
      histogram.add(5, weight, 0);
      histogram.add(1000, 1, dayMs);
      return histogram.percentile(0.5);
    };
    expect(older(2)).toBeCloseTo(10);
    expect(older(1.9)).toBeCloseTo(1016.28, 2);
  });

  it("forgets what is hundreds of half-lives old, and goes on", () => {
    const histogram = new DecayingHistogram();
    histogram.add(1000, 1, 0);
    histogram.add(5, 1, 300 * dayMs);
    histogram.add(5, 1, 301 * dayMs);
    expect([0.01, 0.5, 1].map((share) => histogram.percentile(share))).toEqual(Array(3).fill(expect.closeTo(10, 6)));
  });
});

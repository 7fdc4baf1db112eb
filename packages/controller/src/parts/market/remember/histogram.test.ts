import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bucketCount, bucketOf, topMilli } from "./buckets.ts";
import { DecayingHistogram } from "./histogram.ts";
import { minuteMs } from "./testing.ts";

const halfLifeMs = 60 * minuteMs;

describe("buckets", () => {
  it("hold each use at or below their top, by less than a tenth", () => {
    fc.assert(
      fc.property(fc.double({ min: 10, max: topMilli(bucketCount - 1), noNaN: true }), (milli) => {
        const top = topMilli(bucketOf(milli));
        expect(top).toBeGreaterThanOrEqual(milli * (1 - 1e-8));
        expect(top).toBeLessThan(milli * 1.1 * (1 + 1e-8));
      }),
    );
  });

  it("take what is least into the first and what is beyond into the last", () => {
    expect([0, 10, -1, NaN, Infinity].map(bucketOf)).toEqual([0, 0, 0, 0, bucketCount - 1]);
    expect(Array.from({ length: bucketCount }, (_, bucket) => bucketOf(topMilli(bucket)))).toEqual(
      Array.from({ length: bucketCount }, (_, bucket) => bucket),
    );
  });
});

/** What the histogram does, by lowering every minute by its age. */
function levelOf(minutes: readonly { milli: number; atMs: number }[], nowMs: number, share: number): number {
  const aged = minutes.map(({ milli, atMs }) => ({ milli, weight: 2 ** ((atMs - nowMs) / halfLifeMs) }));
  const total = aged.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  for (const { milli, weight } of aged.toSorted((one, other) => one.milli - other.milli)) {
    sum += weight;
    if (sum >= total * share * (1 - 1e-9)) return topMilli(bucketOf(milli));
  }
  return NaN;
}

describe("a histogram that forgets", () => {
  it("is what it would be if every minute were lowered by its age, over any gap", () => {
    const minute = fc.record({
      milli: fc.constantFrom(10, 50, 200, 900, 4_000),
      gapMinutes: fc.constantFrom(1, 2, 90, 1_500),
    });
    fc.assert(
      fc.property(fc.array(minute, { minLength: 1, maxLength: 60 }), fc.constantFrom(0.5, 0.9), (drawn, share) => {
        const histogram = new DecayingHistogram(halfLifeMs);
        const learnt: { milli: number; atMs: number }[] = [];
        let atMs = 1_000_000;
        for (const { milli, gapMinutes } of drawn) {
          atMs += gapMinutes * minuteMs;
          learnt.push({ milli, atMs });
          histogram.add(milli, { minutes: 1, watchedMinutes: 1, atMs });
        }
        expect(histogram.levelMilli(share)).toBe(levelOf(learnt, atMs, share));
        const watched = learnt.reduce((sum, one) => sum + 2 ** ((one.atMs - atMs) / halfLifeMs), 0);
        expect(histogram.watchedMinutes(atMs)).toBeCloseTo(watched, 6);
      }),
    );
  });

  it("knows nothing before the first minute, and half of a whole memory after one half-life", () => {
    const histogram = new DecayingHistogram(halfLifeMs);
    expect(histogram.levelMilli(0.95)).toBeNull();
    for (let at = 1; at <= 60; at += 1) histogram.add(100, { minutes: 1, watchedMinutes: 1, atMs: at * minuteMs });
    expect(histogram.watchedMinutes(halfLifeMs) / (60 / Math.LN2)).toBeCloseTo(0.5, 2);
  });

  it("fades by another half-life from when it is told, and loses and gains nothing by that", () => {
    const minutes = fc.array(fc.constantFrom(10, 200, 4_000), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 3_000 }),
        (drawn, other, later) => {
          const histogram = new DecayingHistogram(halfLifeMs);
          for (const [at, milli] of drawn.entries())
            histogram.add(milli, { minutes: 1, watchedMinutes: 1, atMs: at * minuteMs });
          const nowMs = (drawn.length + 5) * minuteMs;
          const before = [histogram.watchedMinutes(nowMs), histogram.levelMilli(0.5)] as const;
          histogram.fadeBy(other * minuteMs, nowMs);
          expect(histogram.watchedMinutes(nowMs)).toBeCloseTo(before[0], 9);
          expect(histogram.levelMilli(0.5)).toBe(before[1]);
          expect(histogram.watchedMinutes(nowMs + later * minuteMs)).toBeCloseTo(before[0] / 2 ** (later / other), 9);
        },
      ),
    );
  });
});

import { VirtualClock } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nextTickMs, Ticker } from "./ticker.ts";

describe("the ticker", () => {
  it("aims at multiples of the interval that leave at least half of one", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.integer({ min: 100, max: 60_000 }), (nowMs, intervalMs) => {
        const nextMs = nextTickMs(nowMs, intervalMs);
        expect(nextMs % intervalMs).toBe(0);
        expect(nextMs - nowMs).toBeGreaterThanOrEqual(intervalMs / 2);
        expect(nextMs - nowMs).toBeLessThan(intervalMs * 1.5);
      }),
    );
  });

  it("keeps to its times, takes a new interval at once, and stops", async () => {
    const clock = new VirtualClock();
    await clock.advance(300);
    const ticks: number[] = [];
    const ticker = new Ticker(clock, 1000, () => ticks.push(clock.monotonicMs()));
    ticker.start();
    await clock.advance(2700);
    ticker.setInterval(250);
    await clock.advance(500);
    ticker.stop();
    await clock.advance(5000);
    expect(ticks).toEqual([1000, 2000, 3000, 3250, 3500]);
  });
});

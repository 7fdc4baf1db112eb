import { describe, expect, it } from "vitest";

import type { Resources, Sizing } from "../rule.ts";
import { peerRules } from "./index.ts";
import { SortedWindow } from "./sorted.ts";
import { walrasRules } from "./walras.ts";

const declared: Resources = { requestMilli: 1000, limitMilli: 2000 };
const stepMs = 300_000;
const dayMs = 288 * stepMs;

function sizingOf(name: string): Sizing {
  const rule = [...peerRules, ...walrasRules()].find((one) => one.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule.sizing(declared);
}

/** Lives with the rule at one use. */
function after(steps: number, sizing: Sizing, usedMilli: number, throttledMilli = 0): Resources {
  let has = declared;
  for (let step = 0; step <= steps; step += 1) {
    has = sizing.want({ nowMs: step * stepMs, startedMs: 0, has });
    sizing.observe({
      atMs: (step + 1) * stepMs,
      forMs: stepMs,
      usedMilli,
      throttledMilli,
      requestMilli: has.requestMilli,
    });
  }
  return has;
}

describe("peers' rules", () => {
  it("p95 applies the 95th percentile at midnight, without a limit", () => {
    expect(after(287, sizingOf("p95, no limit"), 200)).toEqual({ requestMilli: 1000, limitMilli: null });
    expect(after(288, sizingOf("p95, no limit"), 200)).toEqual({ requestMilli: 200, limitMilli: null });
  });

  it("Attune waits for 48 samples, halves at most, and waits an hour", () => {
    expect(after(47, sizingOf("Attune"), 100).requestMilli).toBe(1000);
    expect(after(48, sizingOf("Attune"), 100).requestMilli).toBe(500);
    expect(after(59, sizingOf("Attune"), 100).requestMilli).toBe(500);
    expect(after(60, sizingOf("Attune"), 100).requestMilli).toBe(250);
    expect(after(200, sizingOf("Attune"), 100)).toEqual({ requestMilli: 120, limitMilli: 2000 });
  });

  it("VPA cuts once the upper bound is below the request, and keeps the limit's proportion", () => {
    const used = after(dayMs / stepMs, sizingOf("VPA InPlace"), 100);
    expect(used).toEqual({ requestMilli: 126, limitMilli: 252 });
    expect(after(dayMs / stepMs, sizingOf("VPA InPlace, requests"), 100)).toEqual({
      requestMilli: 126,
      limitMilli: 2000,
    });
  });

  it("VPA creates pods at the target", () => {
    const sizing = sizingOf("VPA Recreate");
    expect(sizing.atCreation(0)).toBeNull();
    after(1, sizing, 100);
    expect(sizing.atCreation(0)).toEqual({ requestMilli: 126, limitMilli: 252 });
  });

  // 100 m used: demand 120 m, of which the most is 132 m; the limit stays within 5 % of that.
  it("MBCAS follows use with the limit, fast down and slowly up", () => {
    const sizing = sizingOf("MBCAS");
    expect(after(10, sizing, 100)).toEqual({ requestMilli: 120, limitMilli: 133 });
    const raised = sizing.want({ nowMs: 0, startedMs: 0, has: { requestMilli: 120, limitMilli: 133 } });
    expect(raised.limitMilli).toBe(133);
    sizing.observe({ atMs: 0, forMs: 30_000, usedMilli: 132, throttledMilli: 500, requestMilli: 119 });
    // 132 m throttled: 132 × 1.2 × 3 × 1.1 = 523 m; two rounds of a tenth lead 19 % of the way.
    expect(sizing.want({ nowMs: 0, startedMs: 0, has: raised }).limitMilli).toBe(206);
  });
});

describe("our rule", () => {
  const [ample, sized, tight] = ["walras ample", "walras ample, sized at creation", "walras tight, sized at creation"];

  it("keeps what was declared until it was watched for an hour, and never lends more than overbooking allows", () => {
    expect(after(11, sizingOf(ample), 100)).toEqual(declared);
    expect(after(60, sizingOf(ample), 100).requestMilli).toBeGreaterThan(700);
    expect(after(300, sizingOf(ample), 100)).toEqual({ requestMilli: 250, limitMilli: 2000 });
  });

  it("remembers a habit, and what was needed in the last minutes as far as it was declared", () => {
    const sizing = sizingOf(ample);
    const habit = after(300, sizing, 400);
    expect(habit.requestMilli).toBeGreaterThanOrEqual(400);
    expect(habit.requestMilli).toBeLessThan(500);
    sizing.observe({ atMs: 301 * stepMs, forMs: stepMs, usedMilli: 600, throttledMilli: 200, requestMilli: 400 });
    expect(sizing.want({ nowMs: 301 * stepMs, startedMs: 0, has: habit }).requestMilli).toBe(800);
  });

  it("creates a pod as declared, or at what it remembers", () => {
    const created = (name: string): number | undefined => {
      const sizing = sizingOf(name);
      after(300, sizing, 100);
      return sizing.atCreation(301 * stepMs)?.requestMilli;
    };
    expect([created(ample), created(sized)]).toEqual([undefined, 250]);
  });

  it("follows need with tight limits, never below the request", () => {
    expect(after(300, sizingOf(tight), 1000).limitMilli).toBe(1100);
    expect(after(300, sizingOf(tight), 100)).toEqual({ requestMilli: 250, limitMilli: 250 });
    expect(after(300, sizingOf(ample), 1900).limitMilli).toBe(4500);
  });
});

describe("a sorted window", () => {
  it("knows the percentile of the last values", () => {
    const window = new SortedWindow(3);
    expect(window.percentile(0.5)).toBe(0);
    for (const value of [9, 1, 5, 3]) window.push(value);
    expect([window.size, window.percentile(0.1), window.percentile(0.5), window.percentile(1)]).toEqual([3, 1, 3, 5]);
  });
});

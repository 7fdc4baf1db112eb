import { describe, expect, it } from "vitest";

import type { Measurement } from "../decide/snapshot.ts";
import { effectOf, type Expectation } from "./effects.ts";

const profile = "shop/p99";
const settleMs = 45_000;

function effect(seen: number | "missing", { shrinks = false, afterMs = settleMs, predicted = 90 } = {}) {
  const expectation: Expectation = { atMs: 0, shrinks, predicted: [{ profile, value: predicted }] };
  const measurement: Measurement = seen === "missing" ? { kind: "missing" } : { kind: "value", value: seen };
  return effectOf(expectation, {
    objectives: [{ profile, target: 100, tolerance: 0 }],
    profiles: new Map([[profile, { type: "latency", minimize: true }]]),
    measured: new Map([[profile, measurement]]),
    nowMs: afterMs,
    settleMs,
  });
}

describe("the effect of a plan", () => {
  it("is not judged before it can be there", () => {
    expect(effect(500, { shrinks: true, afterMs: settleMs - 1 })).toBeNull();
  });

  it.each([
    [60, "AsPredicted"],
    [108, "AsPredicted"],
    [109, "WorseThanPredicted"],
  ])("of 90 predicted and %i seen is %s", (seen, verdict) => {
    expect(effect(seen)).toEqual({ verdict, seen: [{ profile, value: seen }] });
  });

  it("is too much where something was taken and an objective is missed that was to be met", () => {
    expect(effect(101, { shrinks: true })?.verdict).toBe("TookTooMuch");
    expect(effect(99, { shrinks: true })?.verdict).toBe("AsPredicted");
  });

  it("is not too much where nothing was taken, or it was not promised to be met", () => {
    expect(effect(200)?.verdict).toBe("WorseThanPredicted");
    expect(effect(130, { shrinks: true, predicted: 120 })?.verdict).toBe("AsPredicted");
  });

  it("is waited for while nothing can be measured, but not for ever", () => {
    expect(effect("missing", { afterMs: settleMs * 4, shrinks: true })).toBeNull();
    expect(effect("missing", { afterMs: settleMs * 5, shrinks: true })).toEqual({ verdict: "NotSeen", seen: [] });
  });
});

import { describe, expect, it } from "vitest";

import { type Outcome, outcomeOf } from "./outcome.ts";
import type { ReleaseRecord } from "./records.ts";
import { appOf, hourMs, mondayMs, quietScene } from "./testing.ts";

const scene = quietScene([appOf("base"), appOf("top", { dependsOn: ["base"] })], []);

/** @param hour of the week */
function release(app: string, hour: number, more: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const startMs = mondayMs + hour * hourMs;
  const endMs = startMs + 20_000;
  const always = { revision: "r", ending: "succeeds", risk: 1, approved: true, inOrder: true, r: 1 } as const;
  return { app, startMs, endMs, recoveredMs: null, ...always, ...more };
}

function outcome(releases: readonly ReleaseRecord[], overloadedTicks: readonly number[] = []): Outcome {
  const overloaded = new Uint8Array(scene.week.ticks);
  for (const tick of overloadedTicks) overloaded[tick] = 1;
  return outcomeOf({ scene, rule: "test", releases, waits: [], overloaded });
}

describe("the outcome of a week", () => {
  it("counts every overlap with clinic hours, and starts apart", () => {
    const overlapping = release("base", 7 - 10 / 3600);
    const { inClinicHours, startedInClinicHours } = outcome([
      overlapping,
      release("base", 12),
      release("base", 20),
      release("base", 5 * 24 + 12),
    ]);
    expect({ inClinicHours, startedInClinicHours }).toEqual({ inClinicHours: 2, startedInClinicHours: 1 });
  });

  it("calls the small hours of Monday outside the window, and those of Saturday inside", () => {
    expect(outcome([release("base", 3), release("base", 5 * 24 + 3)]).outsideWindow).toBe(1);
  });

  it("exposes risk for the time in clinic hours or above a watermark", () => {
    const inClinic = release("base", 12, { risk: 2, endMs: mondayMs + 12.5 * hourMs });
    const overloadedAtNight = release("base", 1, { risk: 1, endMs: mondayMs + hourMs + 60_000 });
    expect(outcome([inClinic]).riskExposureHours).toBeCloseTo(1);
    expect(outcome([overloadedAtNight], [120]).riskExposureHours).toBeCloseTo(30 / 3600);
  });

  it("holds a failure uncontained when what depends on it is released before it recovers", () => {
    const failure = release("base", 21, { ending: "degraded", recoveredMs: mondayMs + 23 * hourMs });
    expect(outcome([failure, release("top", 22)])).toMatchObject({ failed: 1, contained: 0 });
    expect(outcome([failure, release("top", 23.5)])).toMatchObject({ failed: 1, contained: 1 });
  });

  it("holds a failure uncontained when it is tried again more often than the back-off allows", () => {
    const tries = Array.from({ length: 8 }, (_, index) => release("base", 21 + index / 60, { ending: "syncFails" }));
    expect(outcome(tries.slice(0, 4)).contained).toBe(4);
    expect(outcome(tries).contained).toBeLessThan(8);
  });

  it("adds up what is released at the same time", () => {
    const together = [release("base", 21, { r: 3 }), release("top", 21, { r: 2 }), release("top", 22, { r: 4 })];
    expect(outcome(together).peakR).toBe(5);
  });
});

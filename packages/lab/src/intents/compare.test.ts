import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Observation } from "@walras/controller/intents";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { bestWithin, missedAgainst, missedAgainstBest } from "./compare.ts";
import { type Day, playDay } from "./day.ts";
import { readDay } from "./days.ts";
import { learntFrom } from "./learnt.ts";
import { configFor, meanOf, type Tried } from "./policies.ts";
import { Explore } from "./rules/explore.ts";
import { Hpa } from "./rules/hpa.ts";
import { Vpa } from "./rules/vpa.ts";
import { Walras } from "./rules/walras.ts";

const tried = (violatedMinutes: number, cpuHours: number): Tried => ({
  policy: "HPA",
  setting: `${violatedMinutes}`,
  violatedMinutes,
  cpuHours,
  replicaChanges: 0,
  sizeChanges: 0,
});

describe("the best of a policy", () => {
  it("is judged by the mean of its draws", () => {
    const { policy: _, setting: __, ...mean } = tried(2, 110);
    expect(meanOf([tried(1, 100), tried(0, 110), tried(5, 120)])).toEqual(mean);
  });

  it("misses the fewest minutes for no more CPU, of equal ones the cheapest", () => {
    const settings = [tried(9, 100), tried(3, 120), tried(3, 110), tried(0, 200)];
    expect(bestWithin(settings, 150)).toEqual(tried(3, 110));
    expect(bestWithin(settings, 50)).toEqual(tried(9, 100));
  });

  it("is what ours is held against", () => {
    expect(missedAgainstBest({ best: [tried(8, 90), tried(2, 200)], ours: tried(4, 100) })).toBe(0.5);
    expect(missedAgainstBest({ best: [tried(0, 90)], ours: tried(4, 100) })).toBe(4);
    expect(missedAgainstBest({ best: [tried(0, 90)], ours: tried(0, 100) })).toBe(0);
    expect(missedAgainst({ best: [tried(8, 200)], ours: tried(4, 100) }, "HPA")).toBe(0.5);
    expect(missedAgainst({ best: [tried(8, 200)], ours: tried(4, 100) }, "VPA")).toBeNaN();
  });
});

describe("a recorded day", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "intents-days-"));
    writeFileSync(join(folder, "steady.txt"), "10\n20\n");
    writeFileSync(join(folder, "broken.txt"), "10\nmany\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is stretched to a day and scaled to a peak", () => {
    const day = readDay(folder, "steady");
    expect([day.length, day[0], day[23], day[24]]).toEqual([48, 45, 45, 90]);
    expect(readDay(folder, "steady", 1.1)[47]).toBeCloseTo(99, 9);
  });

  it("that is no numbers is refused with file and line", () => {
    expect(() => readDay(folder, "broken")).toThrow(/broken\.txt.*line 2/);
  });
});

/** Two hours whose load doubles in the middle. */
const step: Day = {
  requests: Float64Array.from({ length: 7_200 }, (_, second) => (second < 3_600 ? 30 : 60)),
  seed: 3,
  release: null,
};
const begins = { replicas: 4, milli: 1000 };
const bounds = { least: 2, most: 20 };

describe("a played day", () => {
  let seen: readonly Observation[];
  beforeAll(async () => {
    const explore = new Explore({ ...bounds, sizes: [600, 800, 1000], targetsPercent: [40, 55] });
    const requests = Float64Array.from({ length: 6 * 3_600 }, (_, second) => 45 + 30 * Math.sin(second / 2_000));
    await playDay({ day: { requests, seed: 5, release: null }, rules: [explore], ...begins });
    ({ seen } = explore);
  });

  it("counts what pods request, and minutes that are missed", async () => {
    const idle = await playDay({ day: step, rules: [], replicas: 4, milli: 1000 });
    expect(idle.cpuHours).toBeCloseTo(8, 6);
    // 60/s of 60 ms are 3.6 of 4 cores: each minute of the second hour is too slow.
    expect(idle.violatedMinutes).toBeGreaterThan(55);
    expect(idle.replicaChanges).toBe(0);
  });

  it("has requests cost more after a release", async () => {
    const release = { atMs: 0, costs: 2 };
    const before = await playDay({ day: step, rules: [], replicas: 8, milli: 1000 });
    const after = await playDay({ day: { ...step, release }, rules: [], replicas: 8, milli: 1000 });
    expect(before.violatedMinutes).toBeLessThan(3);
    expect(after.violatedMinutes).toBeGreaterThan(50);
  });

  it("is kept by our planner with what it has learnt, each of its steps as the controller's", async () => {
    const events: string[] = [];
    const rule = new Walras({
      config: configFor(bounds),
      models: learntFrom(seen, true),
      targetMs: 450,
      onEvent: ({ plan }) => void events.push(...(plan ?? []).map(({ name }) => name)),
    });
    const outcome = await playDay({ day: step, rules: [rule], ...begins });
    expect(events).toContain("scaleOut");
    expect(outcome.violatedMinutes).toBeLessThan(8);
    expect(outcome.cpuHours).toBeLessThan(16);
  });

  it("is kept by the horizontal autoscaler; the vertical one restarts pods", async () => {
    const hpa = (): Hpa => new Hpa({ ...bounds, targetPercent: 50, downWindowMs: 300_000 });
    const alone = await playDay({ day: step, rules: [hpa()], ...begins });
    expect(alone.violatedMinutes).toBeLessThan(8);
    const both = await playDay({ day: step, rules: [new Vpa({ leastMilli: 100, mostMilli: 1000 }), hpa()], ...begins });
    expect(both.violatedMinutes).toBeGreaterThan(alone.violatedMinutes);
  });

  it("says why nothing is learnt of too little", () => {
    expect(() => learntFrom(seen.slice(0, 5), true)).toThrow(
      "nothing was learnt of the day before: 5 of 20 rows that it takes",
    );
  });
});

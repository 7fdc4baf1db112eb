import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { peerRules } from "../rules/index.ts";
import { lowRule } from "../testing.ts";
import { chart } from "./chart.ts";
import { compareDays, ratiosOf } from "./compare.ts";
import { drawPods, type LabPod } from "./pods.ts";
import { type Days, live } from "./run.ts";
import { copies, cut, parseDay, parseSeries } from "./trace.ts";

const stepMs = 300_000;

function pod(name: string, requestMilli: number, needMilli: readonly number[]): LabPod {
  return { name, needMilli: Float64Array.from(needMilli), declared: { requestMilli, limitMilli: null } };
}

function days(pods: readonly LabPod[], part: Partial<Days> = {}): Days {
  return { pods, stepMs, judgedFrom: 0, allocatableMilli: 1000, scoring: "least allocated", ...part };
}

const declared = peerRules.find(({ name }) => name === "declared") ?? lowRule(0, false);

describe("days of a cluster", () => {
  it("pend for a minute until there is a node, and cost it from then on", () => {
    const outcome = live(days([pod("a", 600, [100, 100]), pod("b", 600, [100, 100])]), declared);
    expect(outcome).toMatchObject({ pendingMinutes: 2, podMinutes: 18, starvedMinutes: 0, writes: 0 });
    expect(outcome.nodeHours).toBeCloseTo(2 * (9 / 60), 9);
  });

  it("count from the judged step on", () => {
    const outcome = live(days([pod("a", 600, [100, 100])], { judgedFrom: 1 }), declared);
    expect(outcome).toMatchObject({ pendingMinutes: 0, podMinutes: 5 });
  });

  // 1000 m for two that need 800 m and declared 700 m and 200 m; the weights are alike.
  const scarce = [pod("a", 700, [800, 800]), pod("b", 200, [800, 800])];

  it("starve who was promised more than the kernel's weights give", () => {
    expect(live(days(scarce, { judgedFrom: 1 }), lowRule(100, false))).toMatchObject({ starvedMinutes: 5, writes: 0 });
  });

  it("starve nobody of a guarantee once it is rationed", () => {
    const outcome = live(days(scarce, { judgedFrom: 1 }), lowRule(100, true));
    expect(outcome).toMatchObject({ starvedMinutes: 2.5, podMinutes: 10 });
  });

  it("move pods off nodes that are not needed", () => {
    const idle = pod("b", 600, Array(6).fill(0));
    const outcome = live(days([pod("a", 600, Array(6).fill(0)), idle], { judgedFrom: 1 }), {
      ...lowRule(100, false),
      sizing: () => ({
        observe: () => {},
        want: () => ({ requestMilli: 100, limitMilli: null }),
        atCreation: () => null,
      }),
    });
    expect(outcome.moves).toBeGreaterThan(0);
  });
});

const day = parseDay("a,10,20,30,40\nb,5,5,90,5\nc,50,50,50,50");

describe("a comparison", () => {
  const compare = (seed: number): ReturnType<typeof compareDays> =>
    compareDays({
      trace: "three",
      learn: cut(day, 0, 2),
      judge: cut(day, 2, 4),
      scorings: ["most allocated"],
      seed,
      rules: peerRules,
    });

  it("is the same each time, and another for another seed", () => {
    expect(compare(1)).toEqual(compare(1));
    expect(drawPods(day, day, 16_000, seededRng(1))).not.toEqual(drawPods(day, day, 16_000, seededRng(2)));
  });

  it("holds node-hours against peers that starve at most ten times as much", () => {
    const outcome = (rule: string, nodeHours: number, starvedMinutes: number) => ({
      trace: "t",
      scoring: "most allocated" as const,
      outcome: { ...compare(1)[0]!.outcome, rule, nodeHours, starvedMinutes, podMinutes: 10_000 },
    });
    const compared = [outcome("ours", 90, 1), outcome("harsh", 50, 11), outcome("mild", 80, 10)];
    const ratios = ratiosOf(compared, "ours", new Set(["harsh", "mild"]));
    expect(ratios).toMatchObject({ nodeHoursAgainstPeers: 90 / 80, evictions: 0 });
    expect(ratios["starvationAgainstBudget"]).toBeCloseTo(0.1, 9);
  });

  it("is drawn with a point and a name for each rule", () => {
    const svg = chart(
      compare(1).map(({ outcome }) => outcome),
      "title",
      () => false,
    );
    expect(svg.match(/<circle/g)).toHaveLength(peerRules.length);
    for (const { name } of peerRules) expect(svg).toContain(`>${name}<`);
    expect(svg).not.toContain("NaN");
  });
});

describe("a recording", () => {
  it("has a line a machine", () => {
    expect(day.percent.get("b")).toEqual([5, 5, 90, 5]);
  });

  it("is refused with the line and the value that are wrong", () => {
    expect(() => parseDay("a,1,2\nb,1,x")).toThrow('line 2: "x" is not a percentage');
    expect(() => parseDay("a,1,2\nb,1")).toThrow("line 2: 1 values of b, the first machine has 2");
    expect(() => parseSeries("timestamp,value\nt,1\nt,")).toThrow('line 3: "" is not a percentage');
  });

  it("may be several series, played by several pods each, one after the other", () => {
    const series = { stepMs, percent: new Map([["m", parseSeries("timestamp,value\nt,1\nt,2\nt,300\n")]]) };
    const played = copies(series, 2).percent;
    expect([played.get("m-0"), played.get("m-1")]).toEqual([
      [1, 2, 100],
      [100, 1, 2],
    ]);
  });
});

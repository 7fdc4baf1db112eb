import { describe, expect, it } from "vitest";

import { Histories } from "./histories.ts";

const wish = (atMs: number, pods = 2) => ({ atMs, pods, cpuMilli: null });

describe("the history of an intent", () => {
  it("begins when it is first asked for, and keeps wishes for a window", () => {
    const histories = new Histories(100);
    const begun = { grownAtMs: null, shrunkAtMs: null, sinceMs: 1_000, wishes: [], moments: [] };
    expect(histories.of("a", 1_000)).toEqual(begun);
    for (const atMs of [1_000, 1_050, 1_120]) histories.wished("a", wish(atMs));
    expect(histories.of("a", 1_120).wishes.map(({ atMs }) => atMs)).toEqual([1_050, 1_120]);
    expect(histories.of("a", 1_120).sinceMs).toBe(1_000);
  });

  it("begins anew after something was not known, but what was done is still known", () => {
    const histories = new Histories(100);
    histories.wished("a", wish(1_000));
    histories.acted("a", { grows: true, shrinks: false }, 1_010);
    histories.unknown("a", 1_020);
    expect(histories.of("a", 1_030)).toMatchObject({ grownAtMs: 1_010, shrunkAtMs: null, sinceMs: 1_020, wishes: [] });
  });

  it("keeps as many moments as a forecast looks at, also over a gap", () => {
    const histories = new Histories(100);
    const planned = { load: 5, serving: 1, cpuMilli: 500 };
    for (let atMs = 0; atMs < 600; atMs += 1) histories.saw("a", { atMs, load: 5, works: new Map(), planned });
    histories.unknown("a", 600);
    const { moments } = histories.of("a", 600);
    expect([moments.length, moments[0]?.atMs]).toEqual([280, 320]);
  });

  it("takes over what was done by whoever led before", () => {
    const histories = new Histories(100);
    histories.recall("a", { grownAtMs: 900, shrunkAtMs: null }, 1_000);
    expect(histories.of("a", 1_000)).toMatchObject({ grownAtMs: 900, sinceMs: 1_000 });
  });

  it("is forgotten with its intent", () => {
    const histories = new Histories(100);
    histories.wished("a", wish(1_000));
    histories.keepOnly(new Set(["b"]));
    expect(histories.has("a")).toBe(false);
  });
});

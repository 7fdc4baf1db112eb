import { expect, it } from "vitest";

import { stripFixture } from "../testing/cluster.ts";

import { figuresOf, moneyOf, parsePrice } from "./figures.ts";

it("the strip says what it counts, and of what", () => {
  const told = figuresOf(stripFixture()).map(({ label, value, note }) => `${label}: ${value}, ${note}`);
  expect(told).toEqual([
    "Throttled: 12.4 s, each minute",
    "Cores promised: 1,912, 72 % of 2,656",
    "Cores used: 1,389, 52 % of 2,656",
    "Pods rationed: 61, of 4,631 on the market",
    "Nodes unknown: 2, of 168",
    "Conflicts: 3, decided by two",
  ]);
});

it("what no agent tells is unknown, and wants attention", () => {
  const figures = figuresOf({ ...stripFixture(), throttledSecondsPerMinute: null, usedMilli: null });
  expect(figures.filter(({ value }) => value === "unknown").map(({ label, tone }) => [label, tone])).toEqual([
    ["Throttled", "warn"],
    ["Cores used", "warn"],
  ]);
});

it("promising more than there is, is bad; a cluster without nodes has no share", () => {
  expect(figuresOf({ ...stripFixture(), promisedMilli: 3_000_000 })[1]?.tone).toBe("bad");
  expect(figuresOf({ ...stripFixture(), allocatableMilli: 0, promisedMilli: 0 })[1]?.note).toBe("nothing of 0");
});

it("money is by the controller's price, or by the reader's", () => {
  const strip = stripFixture();
  const { promised, saved, offered } = moneyOf(strip, null);
  expect(promised).toBeCloseTo(strip.promisedPerMonth);
  expect(saved).toBeCloseTo(strip.savedPerMonth);
  expect(offered).toBeCloseTo(strip.offeredPerMonth);
  expect(moneyOf(strip, 0.08).saved).toBeCloseTo(2 * saved);
  expect(moneyOf(strip, 0)).toEqual({ promised: 0, saved: 0, offered: 0 });
});

it("a price is a number from 0 on, with a point or a comma", () => {
  expect(["0.04", " 0,05 ", "0", "-1", "", "cheap", "Infinity"].map(parsePrice)).toEqual([
    0.04,
    0.05,
    0,
    null,
    null,
    null,
    null,
  ]);
});

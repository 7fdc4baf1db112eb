import { expect, it } from "vitest";

import { nowMs } from "../testing/cluster.ts";
import { releasesFixture } from "../testing/parts.ts";

import { daysOf, holdsOf, nextOpening, piecesOf, placeOf, weekFrom } from "./calendar.ts";

const week = weekFrom(nowMs);
const hourMs = 3_600_000;

it("spans are cut to the week, and one without an end lasts beyond it", () => {
  expect(piecesOf(week, [{ fromMs: 0, untilMs: nowMs }])).toEqual([]);
  expect(piecesOf(week, [{ fromMs: 0, untilMs: nowMs + 84 * hourMs }])).toEqual([{ from: 0, length: 0.5 }]);
  expect(piecesOf(week, [{ fromMs: nowMs + 84 * hourMs, untilMs: null }])).toEqual([{ from: 0.5, length: 0.5 }]);
  expect([placeOf(week, nowMs - 1), placeOf(week, nowMs), placeOf(week, week.untilMs)]).toEqual([null, 0, 1]);
});

it("days begin at midnight of the calendar's zone", () => {
  const days = daysOf(week, "Europe/Vienna");
  expect(days.map(({ name }) => name)).toEqual(["Tue 1", "Wed 2", "Thu 3", "Fri 4", "Sat 5", "Sun 6", "Mon 7"]);
  expect(days[0]?.atMs).toBe(Date.UTC(2026, 10, 30, 23));
  // A zone of half hours has its midnights within an hour of UTC: none of them is whole there.
  expect(daysOf(week, "UTC")[0]?.atMs).toBe(Date.UTC(2026, 11, 1));
});

it("the next opening is now where it is open", () => {
  const { calendar } = releasesFixture();
  expect(nextOpening(calendar, nowMs)).toBe(Date.UTC(2026, 10, 30, 19));
  expect(nextOpening(calendar, nowMs + hourMs)).toBe(nowMs + hourMs);
  expect(nextOpening([], nowMs)).toBeNull();
});

it("what holds most comes first", () => {
  expect(holdsOf(releasesFixture())[0]).toEqual(["outside_allowed_window", 2]);
});

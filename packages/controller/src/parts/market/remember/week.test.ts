import { expect, it } from "vitest";

import { topMilli } from "./buckets.ts";
import { hourMs, minuteMs, monday } from "./testing.ts";
import { WeekProfile } from "./week.ts";

const weekMs = 168 * hourMs;

/** Watches an hour, and one minute of the next, which ends it. */
function hour(week: WeekProfile, startMs: number, milli: number, minutes = 60): void {
  for (let minute = 0; minute < minutes; minute += 1)
    week.add(milli, { minutes: 1, watchedMinutes: 1, atMs: startMs + minute * minuteMs });
  week.add(milli, { minutes: 1, watchedMinutes: 1, atMs: startMs + hourMs });
}

it("an hour's level is what 95 % of its minutes did not exceed, known when the hour is over", () => {
  const week = new WeekProfile();
  for (let minute = 0; minute < 60; minute += 1)
    week.add(minute < 2 ? 5_000 : 100, { minutes: 1, watchedMinutes: 1, atMs: monday + minute * minuteMs });
  expect(week.levelMilli(monday, monday)).toBeNull();
  week.add(100, { minutes: 1, watchedMinutes: 1, atMs: monday + hourMs });
  expect(week.levelMilli(monday, monday + hourMs)).toBeLessThan(111);
});

it("an hour of which less than half was watched says nothing", () => {
  const week = new WeekProfile();
  hour(week, monday, 100, 29);
  expect(week.levelMilli(monday, monday)).toBeNull();
});

it("a higher week is taken over at once, a lower one by half the way", () => {
  const week = new WeekProfile();
  hour(week, monday, topMilli(20));
  hour(week, monday + weekMs, topMilli(40));
  expect(week.levelMilli(monday, monday)).toBe(topMilli(40));
  hour(week, monday + 2 * weekMs, topMilli(20));
  expect(week.levelMilli(monday, monday)).toBe(topMilli(30));
});

it("the highest of the hours between two moments counts, over the end of the week", () => {
  const week = new WeekProfile();
  hour(week, monday + weekMs - hourMs, 50);
  hour(week, monday + weekMs, 800);
  const sunday = monday + 2 * weekMs - 5 * minuteMs;
  expect(week.levelMilli(sunday, sunday)).toBeLessThan(60);
  expect(week.levelMilli(sunday, sunday + 10 * minuteMs)).toBeGreaterThanOrEqual(800);
});

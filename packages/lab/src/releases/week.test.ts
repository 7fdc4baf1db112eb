import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { syntheticArrivals } from "./arrivals.ts";
import { isClinicTime, isWorkingTime, LocalTime, weekFrom } from "./week.ts";

describe("local time", () => {
  it("agrees with Temporal at every moment in every zone", () => {
    const zone = fc.constantFrom("Europe/Bucharest", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe");
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 2_000_000_000 }), (name, second) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(name);
        expect(new LocalTime(name).at(second * 1000)).toEqual({
          weekday: zoned.dayOfWeek - 1,
          minute: zoned.hour * 60 + zoned.minute,
        });
      }),
    );
  });

  it("makes a week an hour shorter when the clock goes forward in it", () => {
    const week = weekFrom("2026-03-23", { zone: "Europe/Bucharest", days: 7, tickMs: 30_000 });
    expect((week.endMs - week.startMs) / 3_600_000).toBe(7 * 24 - 1);
  });
});

describe("synthetic arrivals", () => {
  const week = weekFrom("2026-02-02", { zone: "Europe/Bucharest", days: 7, tickMs: 30_000 });
  const arrivals = syntheticArrivals(week, 20, 1);

  it("come mostly in working hours, in order, within the week", () => {
    const working = arrivals.filter(({ atMs }) => isWorkingTime(week.local.at(atMs)));
    expect(working.length / arrivals.length).toBeGreaterThan(0.85);
    expect(arrivals.map(({ atMs }) => atMs)).toEqual(arrivals.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(arrivals.every(({ atMs }) => atMs >= week.startMs && atMs < week.endMs)).toBe(true);
  });

  it("are read by an operator at work", () => {
    for (const { atMs, approvedAtMs } of arrivals) {
      expect(approvedAtMs).toBeGreaterThan(atMs);
      expect(isClinicTime(week.local.at(approvedAtMs))).toBe(true);
    }
  });
});

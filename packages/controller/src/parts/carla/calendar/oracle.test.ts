import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type Calendar,
  daySelectors,
  holidayKinds,
  type ReleaseWindow,
  weekdays,
  type WeeklyWindow,
} from "./calendar.ts";
import { openingAt } from "./open.ts";

const minuteMs = 60_000;
const dayMinutes = 1440;

/** Weeks in which a clock is moved, and quiet ones. */
const weeks = [
  { zone: "Europe/Bucharest", monday: "2026-03-23" },
  { zone: "Europe/Bucharest", monday: "2026-10-19" },
  { zone: "America/New_York", monday: "2026-03-02" },
  { zone: "America/New_York", monday: "2026-10-26" },
  { zone: "Africa/Cairo", monday: "2026-04-20" }, // moved at midnight
  { zone: "Australia/Lord_Howe", monday: "2026-03-30" }, // by half an hour
  { zone: "Australia/Lord_Howe", monday: "2026-09-28" },
  { zone: "Asia/Kolkata", monday: "2026-06-01" },
] as const;
const walkedDays = 20;

/** What a clock on the wall shows at each minute of some weeks, by the zone's formatter: no arithmetic. */
class WallClock {
  readonly zone: string;
  readonly dates: readonly string[];
  readonly startMs: number;
  readonly #shown: string[] = [];
  readonly #firstMs = new Map<string, number>();

  constructor({ zone, monday }: { zone: string; monday: string }) {
    this.zone = zone;
    const date = Temporal.PlainDate.from(monday);
    this.dates = Array.from({ length: walkedDays }, (_, days) => date.add({ days: days - 3 }).toString());
    this.startMs = Date.parse(`${this.dates[0]}T00:00:00Z`) - 14 * 60 * minuteMs;
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
    for (let minute = 0; minute < (walkedDays + 2) * dayMinutes; minute++) {
      const ms = this.startMs + minute * minuteMs;
      const shown = format.format(ms);
      this.#shown.push(shown);
      if (!this.#firstMs.has(shown)) this.#firstMs.set(shown, ms);
    }
  }

  dateAt(ms: number): string {
    return (this.#shown[(ms - this.startMs) / minuteMs] ?? "").slice(0, 10);
  }

  /** The first moment that shows this time; a time that is skipped is as long after the last one shown as it says. */
  momentOf(date: string, minute: number): number {
    for (let back = 0; ; back++) {
      const total = minute - back;
      const day = total < 0 ? this.#dayAfter(date, -1) : total >= dayMinutes ? this.#dayAfter(date, 1) : date;
      const ofDay = (total + dayMinutes) % dayMinutes;
      const time = `${String(Math.floor(ofDay / 60)).padStart(2, "0")}:${String(ofDay % 60).padStart(2, "0")}`;
      const ms = this.#firstMs.get(`${day} ${time}`);
      if (ms !== undefined) return ms + back * minuteMs;
    }
  }

  #dayAfter(date: string, days: number): string {
    return Temporal.PlainDate.from(date).add({ days }).toString();
  }
}

const clocks = weeks.map((week) => new WallClock(week));

function naivelyMatches(window: WeeklyWindow, date: string, calendar: Calendar): boolean {
  const weekday = weekdays[(new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7]!;
  const kinds = new Set<string>(["DAILY"]);
  if (calendar.holidays.has(date)) {
    kinds.add("HOLIDAY").add(calendar.holidayAs);
  } else {
    kinds.add(weekday).add(weekday.startsWith("S") ? "WEEKEND" : "WEEKDAY");
  }
  return window.days.some((day) => kinds.has(day));
}

/** Whether each minute is open, painted window by window. */
function paint(calendar: Calendar, clock: WallClock): boolean[] {
  const minutes = (walkedDays + 2) * dayMinutes;
  const open = Array.from<boolean>({ length: minutes }).fill(false);
  const fill = (fromMs: number, untilMs: number, value: boolean): void => {
    const from = Math.max(0, (fromMs - clock.startMs) / minuteMs);
    open.fill(value, from, Math.max(from, Math.min(minutes, (untilMs - clock.startMs) / minuteMs)));
  };
  const fillWindow = (window: ReleaseWindow, value: boolean): void => {
    if (window.kind === "fixed") return fill(window.fromMs, window.untilMs, value);
    for (const date of clock.dates) {
      if (!naivelyMatches(window, date, calendar)) continue;
      const { startMinute, endMinute } = window;
      const end = endMinute <= startMinute ? endMinute + dayMinutes : endMinute;
      fill(clock.momentOf(date, startMinute), clock.momentOf(date, end), value);
    }
  };
  for (const window of calendar.allow) fillWindow(window, true);
  for (const window of calendar.block) fillWindow(window, false);
  if (calendar.holidayAs === "BLOCKED") {
    for (let minute = 0; minute < minutes; minute++) {
      if (calendar.holidays.has(clock.dateAt(clock.startMs + minute * minuteMs))) open[minute] = false;
    }
  }
  return open;
}

const minuteOfDay = fc.oneof(
  fc.integer({ min: 0, max: dayMinutes - 1 }),
  fc.constantFrom(0, 60, 90, 120, 135, 150, 180, 195, 210, 240, 420, 1200),
);
const weekly = fc.record({
  kind: fc.constant("weekly" as const),
  days: fc.array(fc.constantFrom(...daySelectors), { minLength: 1, maxLength: 2 }),
  startMinute: minuteOfDay,
  endMinute: minuteOfDay.map((minute) => (minute === 0 ? dayMinutes : minute)),
});

function fixedIn(clock: WallClock): fc.Arbitrary<ReleaseWindow> {
  const span = fc.record({
    from: fc.integer({ min: 0, max: walkedDays * dayMinutes }),
    minutes: fc.integer({ min: 1, max: 4000 }),
  });
  return span.map(({ from, minutes }) => ({
    kind: "fixed",
    fromMs: clock.startMs + from * minuteMs,
    untilMs: clock.startMs + (from + minutes) * minuteMs,
  }));
}

const cases = fc.constantFrom(...clocks).chain((clock) =>
  fc.record({
    clock: fc.constant(clock),
    calendar: fc.record({
      zone: fc.constant(clock.zone),
      allow: fc.array(fc.oneof({ weight: 4, arbitrary: weekly }, fixedIn(clock)), { maxLength: 3 }),
      block: fc.array(fc.oneof(weekly, fixedIn(clock)), { maxLength: 2 }),
      holidays: fc.subarray([...clock.dates], { maxLength: 3 }).map((dates) => new Set(dates)),
      holidayAs: fc.constantFrom(...holidayKinds),
    }),
    minutes: fc.array(fc.integer({ min: 0, max: 7 * dayMinutes }), { minLength: 1, maxLength: 20 }),
  }),
);

describe("openingAt, against a wall clock read minute by minute", () => {
  it("is open when the clock says so, until the clock says otherwise", () => {
    fc.assert(
      fc.property(cases, ({ clock, calendar, minutes }) => {
        const open = paint(calendar, clock);
        const mondayMs = clock.momentOf(clock.dates[3]!, 0);
        for (const minute of minutes) {
          const nowMs = mondayMs + minute * minuteMs;
          const index = (nowMs - clock.startMs) / minuteMs;
          let change = index;
          while (change - index <= 8 * dayMinutes && open[change] === open[index]) change++;
          const untilMs = change - index > 8 * dayMinutes ? null : clock.startMs + change * minuteMs;
          const opening = openingAt(calendar, nowMs);
          expect({ open: opening.open, untilMs: opening.untilMs }).toEqual({ open: open[index], untilMs });
        }
      }),
      { numRuns: 400 },
    );
  });
});

import { type Calendar, type DaySelector, type Weekday, weekdays } from "./calendar.ts";

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

/** One local day of a calendar, and where its minutes lie in time. */
export interface LocalDay {
  /** ISO date. */
  readonly iso: string;
  readonly weekday: Weekday;
  readonly holiday: boolean;
  /**
   * The moment of a local time of this day, in ms since the epoch. What the
   * clock skips or repeats is read as Temporal's "compatible": the skipped as if
   * the clock had not been moved, the repeated as its first time.
   *
   * @param minute after local midnight, [0, 2880): from 1440 on it is the next day
   */
  at(minute: number): number;
}

/** `count` days in a row, the first one `before` days ahead of that of `nowMs`. */
export function localDays(
  calendar: Calendar,
  nowMs: number,
  { before, count }: { before: number; count: number },
): LocalDay[] {
  const { zone, holidays } = calendar;
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs)).toZonedDateTimeISO(zone).toPlainDate();
  const first = today.subtract({ days: before });
  const dates = Array.from({ length: count + 2 }, (_, index) => (index === 0 ? first : first.add({ days: index })));
  const midnights = dates.map((date) => date.toZonedDateTime(zone).epochMilliseconds);
  return dates.slice(0, count).map((date, index) => {
    const iso = date.toString();
    const weekday = weekdays[date.dayOfWeek - 1] ?? "MON";
    const at = (minute: number): number =>
      minute < 1440
        ? momentOf({ date, zone, midnights, index }, minute)
        : momentOf({ date: dates[index + 1] ?? date, zone, midnights, index: index + 1 }, minute - 1440);
    return { iso, weekday, holiday: holidays.has(iso), at };
  });
}

interface Position {
  readonly date: Temporal.PlainDate;
  readonly zone: string;
  readonly midnights: readonly number[];
  readonly index: number;
}

/** A day of 24 hours is counted; only one on which the clock is moved needs the zone's rules again. */
function momentOf({ date, zone, midnights, index }: Position, minute: number): number {
  const midnight = midnights[index] ?? NaN;
  if ((midnights[index + 1] ?? NaN) - midnight === dayMs) return midnight + minute * minuteMs;
  const plainTime = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 });
  return date.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
}

/** Whether a selector means this day. A holiday is not its weekday; it is what the calendar says it counts as. */
export function matchesDay(selector: DaySelector, day: LocalDay, { holidayAs }: Calendar): boolean {
  if (selector === "DAILY") return true;
  if (selector === "HOLIDAY") return day.holiday;
  if (day.holiday) return selector === holidayAs;
  const weekend = day.weekday === "SAT" || day.weekday === "SUN";
  if (selector === "WEEKEND") return weekend;
  if (selector === "WEEKDAY") return !weekend;
  return selector === day.weekday;
}

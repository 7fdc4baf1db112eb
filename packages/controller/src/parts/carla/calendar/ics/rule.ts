import { civilOf, type DayNumber, readWritten, untilDayOf } from "./days.ts";

const weekdayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const frequencies = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
type Frequency = (typeof frequencies)[number];

/** Of its month or year the nth from the beginning, or from the end where negative; 0: each. */
export interface NthWeekday {
  readonly nth: number;
  /** Monday is 0. */
  readonly weekday: number;
}

/** A recurrence rule of whole days (RFC 5545, 3.3.10). Empty lists limit nothing. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | null;
  readonly untilDay: DayNumber | null;
  /** Monday is 0. */
  readonly weekStart: number;
  readonly byMonth: readonly number[];
  readonly byWeekNumber: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byMonthDay: readonly number[];
  readonly byDay: readonly NthWeekday[];
  readonly bySetPosition: readonly number[];
}

/**
 * Reads a RRULE. What a rule leaves out is as on the day it begins. Times of day are
 * no part of a day's rule and are ignored, as the RFC has it.
 *
 * @param zone IANA name: whose day an UNTIL in UTC is of
 * @throws Error for what is not a rule of days in the Gregorian calendar
 */
export function readRule(text: string, firstDay: DayNumber, zone: string): Rule {
  const parts = new Map(
    text
      .trim()
      .toUpperCase()
      .split(";")
      .map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]),
  );
  const frequency = frequencies.find((one) => one === parts.get("FREQ"));
  if (!frequency || (parts.get("RSCALE") ?? "GREGORIAN") !== "GREGORIAN" || (parts.get("SKIP") ?? "OMIT") !== "OMIT")
    throw new Error(`RRULE: ${JSON.stringify(text)} is not a rule of days`);
  const { until, numbers } = readersOf(parts, zone);
  const byDay = (parts.get("BYDAY") ?? "").split(",").filter(Boolean).map(readNthWeekday);
  const [count = null] = numbers("COUNT", 1, Infinity);
  const [interval = 1] = numbers("INTERVAL", 1, Infinity);
  const rule: Rule = {
    frequency,
    interval,
    count,
    untilDay: until,
    weekStart: Math.max(0, weekdayNames.indexOf(parts.get("WKST") ?? "MO")),
    byMonth: numbers("BYMONTH", 1, 12),
    byWeekNumber: numbers("BYWEEKNO", -53, 53),
    byYearDay: numbers("BYYEARDAY", -366, 366),
    byMonthDay: numbers("BYMONTHDAY", -31, 31),
    byDay,
    bySetPosition: numbers("BYSETPOS", -366, 366),
  };
  return { ...rule, ...impliedBy(firstDay, rule) };
}

function readersOf(
  parts: ReadonlyMap<string, string>,
  zone: string,
): { until: DayNumber | null; numbers: (name: string, least: number, most: number) => number[] } {
  const until = parts.get("UNTIL");
  const numbers = (name: string, least: number, most: number): number[] =>
    (parts.get(name) ?? "")
      .split(",")
      .filter(Boolean)
      .map((item) => {
        const number = /^[+-]?\d{1,9}$/.test(item) ? Number(item) : NaN;
        if (!(number >= least && number <= most) || number === 0)
          throw new Error(`RRULE: ${name}=${item} is not one of ${least} to ${most}`);
        return number;
      });
  return { until: until === undefined ? null : untilDayOf(readWritten(until, "UNTIL"), zone), numbers };
}

function readNthWeekday(text: string): NthWeekday {
  const [, nth, name = ""] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const weekday = weekdayNames.indexOf(name);
  if (weekday < 0) throw new Error(`RRULE: BYDAY=${text} is not a day of the week`);
  return { nth: Number(nth ?? 0), weekday };
}

function impliedBy(day: DayNumber, rule: Rule): Partial<Rule> {
  const { byWeekNumber, byYearDay, byMonthDay, byDay, byMonth, frequency } = rule;
  if ([byWeekNumber, byYearDay, byMonthDay, byDay].some(({ length }) => length > 0)) return {};
  const { month, day: monthDay } = civilOf(day);
  if (frequency === "WEEKLY") return { byDay: [{ nth: 0, weekday: weekdayOf(day) }] };
  if (frequency === "MONTHLY") return { byMonthDay: [monthDay] };
  if (frequency === "DAILY") return {};
  return { byMonthDay: [monthDay], byMonth: byMonth.length > 0 ? byMonth : [month] };
}

/** Monday is 0. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}

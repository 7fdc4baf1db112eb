import { civilOf, type DayNumber, dayOfCivil } from "./days.ts";
import { type NthWeekday, type Rule, weekdayOf } from "./rule.ts";

/** Days that are asked for, both included. */
export interface DaySpan {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/**
 * The days of a rule within a span. Each day is held against the rule by
 * itself; where the rule counts, from its beginning on.
 *
 * @param begins the day on which the rule begins
 */
export function recurring(rule: Rule, begins: DayNumber, { first, last }: DaySpan): DayNumber[] {
  const days: DayNumber[] = [];
  const matches = matcherOf(rule, begins);
  const end = Math.min(last, rule.untilDay ?? Infinity);
  let left = rule.count ?? Infinity;
  for (let day = rule.count === null ? Math.max(begins, first) : begins; day <= end && left > 0; day++) {
    if (!matches(day)) continue;
    left--;
    if (day >= first) days.push(day);
  }
  return days;
}

function matcherOf(rule: Rule, begins: DayNumber): (day: DayNumber) => boolean {
  const start = calendarDay(begins, rule);
  const isIn = (day: DayNumber): boolean => {
    const at = calendarDay(day, rule);
    return periodsBetween(start, at, rule) % rule.interval === 0 && limits.every((limit) => limit(at, rule));
  };
  if (rule.bySetPosition.length === 0) return isIn;
  const chosen = new Map<DayNumber, ReadonlySet<DayNumber>>();
  return (day) => {
    const period = periodOf(calendarDay(day, rule), rule);
    const known = chosen.get(period.first) ?? chosenFrom(period, isIn, rule.bySetPosition);
    chosen.set(period.first, known);
    return known.has(day);
  };
}

/** Where a day lies in what rules speak of. */
interface CalendarDay {
  readonly day: DayNumber;
  readonly year: number;
  readonly month: number;
  readonly monthDay: number;
  readonly weekday: number;
  /** The first days of its week, month and year, and of the month and the year after them. */
  readonly weekFirst: DayNumber;
  readonly monthFirst: DayNumber;
  readonly monthNext: DayNumber;
  readonly yearFirst: DayNumber;
  readonly yearNext: DayNumber;
}

function calendarDay(day: DayNumber, { weekStart }: Rule): CalendarDay {
  const { year, month, day: monthDay } = civilOf(day);
  const weekday = weekdayOf(day);
  return {
    day,
    year,
    month,
    monthDay,
    weekday,
    weekFirst: day - ((weekday - weekStart + 7) % 7),
    monthFirst: day - monthDay + 1,
    monthNext: firstOf(month === 12 ? year + 1 : year, (month % 12) + 1),
    yearFirst: firstOf(year, 1),
    yearNext: firstOf(year + 1, 1),
  };
}

function firstOf(year: number, month: number): DayNumber {
  return dayOfCivil({ year, month, day: 1 });
}

function periodsBetween(start: CalendarDay, at: CalendarDay, { frequency }: Rule): number {
  if (frequency === "DAILY") return at.day - start.day;
  if (frequency === "WEEKLY") return (at.weekFirst - start.weekFirst) / 7;
  const years = at.year - start.year;
  return frequency === "YEARLY" ? years : years * 12 + at.month - start.month;
}

function periodOf(at: CalendarDay, { frequency }: Rule): DaySpan {
  if (frequency === "DAILY") return { first: at.day, last: at.day };
  if (frequency === "WEEKLY") return { first: at.weekFirst, last: at.weekFirst + 6 };
  if (frequency === "MONTHLY") return { first: at.monthFirst, last: at.monthNext - 1 };
  return { first: at.yearFirst, last: at.yearNext - 1 };
}

function chosenFrom(
  { first, last }: DaySpan,
  isIn: (day: DayNumber) => boolean,
  positions: readonly number[],
): ReadonlySet<DayNumber> {
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(isIn);
  return new Set(positions.flatMap((position) => days.at(position > 0 ? position - 1 : position) ?? []));
}

type Limit = (at: CalendarDay, rule: Rule) => boolean;

const limits: readonly Limit[] = [
  ({ month }, { byMonth }) => byMonth.length === 0 || byMonth.includes(month),
  (at, { byWeekNumber, weekStart }) => byWeekNumber.length === 0 || isOfWeek(at, byWeekNumber, weekStart),
  ({ day, yearFirst, yearNext }, { byYearDay }) => isAmong(byYearDay, day - yearFirst + 1, day - yearNext),
  ({ day, monthDay, monthNext }, { byMonthDay }) => isAmong(byMonthDay, monthDay, day - monthNext),
  (at, rule) => rule.byDay.length === 0 || rule.byDay.some((one) => isNthWeekday(at, one, rule)),
];

/** By its number from the beginning, or from the end: −1 is the last. */
function isAmong(wanted: readonly number[], fromFirst: number, fromLast: number): boolean {
  return wanted.length === 0 || wanted.includes(fromFirst) || wanted.includes(fromLast);
}

/** Ordinals are of the month, or of the year where no month is named; rules of days and weeks have none. */
function isNthWeekday(at: CalendarDay, { nth, weekday }: NthWeekday, { frequency, byMonth }: Rule): boolean {
  if (at.weekday !== weekday) return false;
  if (nth === 0 || frequency === "DAILY" || frequency === "WEEKLY") return true;
  const ofMonth = frequency === "MONTHLY" || byMonth.length > 0;
  const { first, next } = ofMonth
    ? { first: at.monthFirst, next: at.monthNext }
    : { first: at.yearFirst, next: at.yearNext };
  return nth > 0 ? Math.floor((at.day - first) / 7) + 1 === nth : Math.floor((next - 1 - at.day) / 7) + 1 === -nth;
}

/** A week is of the year in which four of its days lie (ISO 8601, with any first day of the week). */
function isOfWeek({ weekFirst }: CalendarDay, wanted: readonly number[], weekStart: number): boolean {
  const { year } = civilOf(weekFirst + 3);
  const firstWeek = (of: number): DayNumber => {
    const fourth = firstOf(of, 1) + 3;
    return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7);
  };
  return isAmong(wanted, (weekFirst - firstWeek(year)) / 7 + 1, (weekFirst - firstWeek(year + 1)) / 7);
}

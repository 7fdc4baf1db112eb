import { describeError, errorAt } from "@walras/kit";
import ICAL from "ical.js";

/** First and last day that are asked for, ISO dates, both included. */
export interface DateRange {
  readonly first: string;
  readonly last: string;
}

/** A rule that has not left the past after this many steps is not one of holidays. */
const mostOccurrences = 100_000;

/** How a file is read. */
export interface HolidayReading {
  readonly range: DateRange;
  /** IANA name: whose days an event is of that was written in UTC. */
  readonly zone: string;
}

/**
 * The days of the all-day events of an iCalendar file (RFC 5545) within a
 * range: recurrences expanded, exceptions left out. Events with a time of day
 * and cancelled ones are not holidays.
 *
 * @param file for errors
 * @returns ISO dates in order, each once
 * @throws FieldError naming the file
 */
export function holidaysOf(text: string, reading: HolidayReading, file: string): string[] {
  try {
    const dates = calendarsIn(text).flatMap((calendar) =>
      calendar.getAllSubcomponents("vevent").flatMap((component) => daysOf(component, reading)),
    );
    return [...new Set(dates)].toSorted();
  } catch (error) {
    throw errorAt("holidays", file, `is not an iCalendar file (${describeError(error)})`);
  }
}

function calendarsIn(text: string): ICAL.Component[] {
  // The byte order mark with which editors on Windows begin a file is white space too.
  const written = text.trim();
  if (!/^BEGIN:VCALENDAR/im.test(written)) throw new Error("it has no VCALENDAR");
  const parsed: unknown[] = ICAL.parse(written);
  const calendars = (typeof parsed[0] === "string" ? [parsed] : parsed) as ConstructorParameters<
    typeof ICAL.Component
  >[0][];
  return calendars.map((calendar) => new ICAL.Component(calendar));
}

function daysOf(component: ICAL.Component, reading: HolidayReading): string[] {
  const event = new ICAL.Event(component);
  const start = component.getFirstPropertyValue("dtstart");
  if (!(start instanceof ICAL.Time)) throw new Error(`event ${event.summary ?? ""} has no DTSTART`);
  refuseOverflow(component);
  if (!isAllDay(component, start) || isCancelled(component) || event.isRecurrenceException()) return [];
  if (!event.isRecurring()) return daysFrom(dayOf(event.startDate, reading), lengthOf(event, reading), reading.range);
  return recurring(event, reading);
}

/** Outlook and what has learnt from it write midnights, and say beside that they mean days. */
const allDayFlags = ["x-microsoft-cdo-alldayevent", "x-microsoft-msncalendar-alldayevent", "x-funambol-allday"];

function isAllDay(component: ICAL.Component, start: ICAL.Time): boolean {
  return start.isDate || allDayFlags.some((flag) => isTrue(component.getFirstPropertyValue(flag)));
}

function isTrue(value: unknown): boolean {
  return typeof value === "string" && ["TRUE", "1"].includes(value.toUpperCase());
}

/** The library reads a 13th month as the next January. */
function refuseOverflow(component: ICAL.Component): void {
  const property: unknown[] = component.getFirstProperty("dtstart")?.toJSON() ?? [];
  Temporal.PlainDate.from(String(property[3]).slice(0, 10), { overflow: "reject" });
}

function isCancelled(component: ICAL.Component): boolean {
  return component.getFirstPropertyValue("status") === "CANCELLED";
}

function recurring(event: ICAL.Event, reading: HolidayReading): string[] {
  const { range } = reading;
  const days = isLeftOut(event) ? [] : occurring(event, event.startDate, reading);
  const occurrences = event.iterator();
  for (let count = 0; count < mostOccurrences; count++) {
    const next: ICAL.Time | null = occurrences.next();
    if (!next || dayOf(next, reading) > range.last) return days;
    days.push(...occurring(event, next, reading));
  }
  throw new Error(`event ${event.summary ?? ""} recurs more than ${mostOccurrences} times`);
}

function occurring(event: ICAL.Event, on: ICAL.Time, reading: HolidayReading): string[] {
  const { startDate, item } = event.getOccurrenceDetails(on);
  if (isCancelled(item.component)) return [];
  return daysFrom(dayOf(startDate, reading), lengthOf(item, reading), reading.range);
}

/**
 * Whether the day on which the event stands is none of it. It is its first (RFC 5545, 3.8.5.2), which the library leaves out where
 * the others are listed and follow no rule; where they do, the rule tells.
 */
function isLeftOut({ component, startDate }: ICAL.Event): boolean {
  if (component.hasProperty("rrule")) return true;
  const left = component.getAllProperties("exdate").flatMap((property) => property.getValues() as ICAL.Time[]);
  return left.some((time) => time.compareDateOnlyTz(startDate, startDate.zone) === 0);
}

/** An event's end is the day after its last; without one it lasts a day. */
function lengthOf(event: ICAL.Event, reading: HolidayReading): number {
  const first = Temporal.PlainDate.from(dayOf(event.startDate, reading));
  return Math.max(1, first.until(dayOf(event.endDate, reading), { largestUnit: "day" }).days);
}

function daysFrom(iso: string, length: number, { first, last }: DateRange): string[] {
  const start = Temporal.PlainDate.from(iso);
  const days = Array.from({ length }, (_, index) => start.add({ days: index }).toString());
  return days.filter((day) => first <= day && day <= last);
}

/** The day as it is written; of a midnight in UTC the day that begins nearest to it in the calendar's zone. */
function dayOf(time: ICAL.Time, { zone }: Pick<HolidayReading, "zone">): string {
  const { year, month, day } = time;
  const written = Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" });
  if (time.isDate || time.zone !== ICAL.Timezone.utcTimezone) return written.toString();
  const instant = Temporal.Instant.fromEpochMilliseconds(time.toUnixTime() * 1000);
  return instant.toZonedDateTimeISO(zone).add({ hours: 12 }).toPlainDate().toString();
}

import { describeError, errorAt } from "@walras/kit";
import ICAL from "ical.js";

/** First and last day that are asked for, ISO dates, both included. */
export interface DateRange {
  readonly first: string;
  readonly last: string;
}

/** A rule that has not left the past after this many steps is not one of holidays. */
const mostOccurrences = 100_000;

/**
 * The days of the all-day events of an iCalendar file (RFC 5545) within a
 * range: recurrences expanded, exceptions left out. Events with a time of day
 * and cancelled ones are not holidays.
 *
 * @param file for errors
 * @returns ISO dates in order, each once
 * @throws FieldError naming the file
 */
export function holidaysOf(text: string, range: DateRange, file: string): string[] {
  try {
    const dates = calendarsIn(text).flatMap((calendar) =>
      calendar.getAllSubcomponents("vevent").flatMap((component) => daysOf(component, range)),
    );
    return [...new Set(dates)].toSorted();
  } catch (error) {
    throw errorAt("holidays", file, `is not an iCalendar file (${describeError(error)})`);
  }
}

function calendarsIn(text: string): ICAL.Component[] {
  if (!/^BEGIN:VCALENDAR/im.test(text)) throw new Error("it has no VCALENDAR");
  const parsed: unknown[] = ICAL.parse(text.trim());
  const calendars = (typeof parsed[0] === "string" ? [parsed] : parsed) as ConstructorParameters<
    typeof ICAL.Component
  >[0][];
  return calendars.map((calendar) => new ICAL.Component(calendar));
}

function daysOf(component: ICAL.Component, range: DateRange): string[] {
  const event = new ICAL.Event(component);
  const start = component.getFirstPropertyValue("dtstart");
  if (!(start instanceof ICAL.Time)) throw new Error(`event ${event.summary ?? ""} has no DTSTART`);
  refuseOverflow(component);
  if (!start.isDate || isCancelled(component) || event.isRecurrenceException()) return [];
  if (!event.isRecurring()) return daysFrom(isoOf(event.startDate), lengthOf(event), range);
  return recurring(event, range);
}

/** The library reads a 13th month as the next January. */
function refuseOverflow(component: ICAL.Component): void {
  const property: unknown[] = component.getFirstProperty("dtstart")?.toJSON() ?? [];
  Temporal.PlainDate.from(String(property[3]).slice(0, 10), { overflow: "reject" });
}

function isCancelled(component: ICAL.Component): boolean {
  return component.getFirstPropertyValue("status") === "CANCELLED";
}

function recurring(event: ICAL.Event, range: DateRange): string[] {
  const days: string[] = [];
  const occurrences = event.iterator();
  for (let count = 0; count < mostOccurrences; count++) {
    const next: ICAL.Time | null = occurrences.next();
    if (!next || isoOf(next) > range.last) return days;
    const { startDate, item } = event.getOccurrenceDetails(next);
    if (!isCancelled(item.component)) days.push(...daysFrom(isoOf(startDate), lengthOf(item), range));
  }
  throw new Error(`event ${event.summary ?? ""} recurs more than ${mostOccurrences} times`);
}

/** An event's end is the day after its last; without one it lasts a day. */
function lengthOf(event: ICAL.Event): number {
  const first = Temporal.PlainDate.from(isoOf(event.startDate));
  return Math.max(1, first.until(isoOf(event.endDate), { largestUnit: "day" }).days);
}

function daysFrom(iso: string, length: number, { first, last }: DateRange): string[] {
  const start = Temporal.PlainDate.from(iso);
  const days = Array.from({ length }, (_, index) => start.add({ days: index }).toString());
  return days.filter((day) => first <= day && day <= last);
}

function isoOf({ year, month, day }: ICAL.Time): string {
  return Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" }).toString();
}

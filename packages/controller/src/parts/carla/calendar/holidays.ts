import { errorAt } from "@walras/kit";

import { type Component, componentsIn } from "./ics/components.ts";
import { dayNumberOf, type DayNumber, isoOf } from "./ics/days.ts";
import { type DayEvent, dayEventOf } from "./ics/event.ts";
import type { DaySpan } from "./ics/recurrence.ts";

/** First and last day that are asked for, ISO dates, both included. */
export interface DateRange {
  readonly first: string;
  readonly last: string;
}

/** How a file is read. */
export interface HolidayReading {
  readonly range: DateRange;
  /** IANA name: whose days an event is of that was written in UTC. */
  readonly zone: string;
}

/**
 * The days of the all-day events of an iCalendar file (RFC 5545) within a
 * range: recurrences expanded, exceptions left out, occurrences that were moved
 * where they were moved to. Events with a time of day and cancelled ones are
 * not holidays.
 *
 * @param file for errors
 * @returns ISO dates in order, each once
 * @throws FieldError naming the file
 */
export function holidaysOf(text: string, { range, zone }: HolidayReading, file: string): string[] {
  try {
    const events = eventsIn(text).map((component) => dayEventOf(component, zone));
    const days = daysOf(events, { first: dayNumberOf(range.first), last: dayNumberOf(range.last) });
    return [...days].toSorted((one, other) => one - other).map(isoOf);
  } catch (error) {
    throw errorAt(
      "holidays",
      file,
      `is not an iCalendar file (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function eventsIn(text: string): readonly Component[] {
  const calendars = componentsIn(text).filter(({ name }) => name === "VCALENDAR");
  return calendars.flatMap(({ components }) => components.filter(({ name }) => name === "VEVENT"));
}

function daysOf(events: readonly DayEvent[], span: DaySpan): ReadonlySet<DayNumber> {
  const days = new Set<DayNumber>();
  const add = (begins: DayNumber, length: number): void => {
    const end = Math.min(begins + length - 1, span.last);
    for (let day = Math.max(begins, span.first); day <= end; day++) days.add(day);
  };
  const replacements = replacementsOf(events);
  for (const event of events) {
    if (event.replaces) continue;
    const changed = replacements.get(event.uid) ?? [];
    for (const day of event.occurrences(around(span, [event, ...changed]))) place(day, event, changed, add);
  }
  for (const event of [...replacements.values()].flat()) if (event.counts) add(event.first, event.length);
  return days;
}

type Add = (begins: DayNumber, length: number) => void;

/** An occurrence where it stands, unless something replaces it; what replaces it and all after it moves it as it moved itself. */
function place(day: DayNumber, event: DayEvent, changed: readonly DayEvent[], add: Add): void {
  if (changed.some(({ replaces }) => replaces?.day === day)) return;
  const later = changed.filter(({ replaces }) => replaces !== null && replaces.andLater && replaces.day < day);
  const last = later.toSorted((one, other) => movedFrom(one) - movedFrom(other)).at(-1);
  if (!last) add(day, event.length);
  else if (last.counts) add(day + last.first - movedFrom(last), last.length);
}

function movedFrom({ replaces, first }: DayEvent): DayNumber {
  return replaces?.day ?? first;
}

/** By the UID of what they replace occurrences of; where none is told they stand for themselves. Of two for one day the newer counts. */
function replacementsOf(events: readonly DayEvent[]): ReadonlyMap<string, readonly DayEvent[]> {
  const newest = new Map<string, Map<DayNumber, DayEvent>>();
  for (const event of events) {
    if (!event.replaces) continue;
    const known = newest.get(event.uid) ?? new Map<DayNumber, DayEvent>();
    newest.set(event.uid, known);
    const before = known.get(event.replaces.day);
    if (!before || before.sequence <= event.sequence) known.set(event.replaces.day, event);
  }
  return new Map([...newest].map(([uid, known]) => [uid, [...known.values()]]));
}

/** What may reach into a span: what begins before it and is long, or is moved. */
function around({ first, last }: DaySpan, events: readonly DayEvent[]): DaySpan {
  const longest = Math.max(...events.map(({ length }) => length));
  const moved = Math.max(...events.map((event) => Math.abs(event.first - movedFrom(event))));
  return { first: first - moved - longest, last: last + moved };
}

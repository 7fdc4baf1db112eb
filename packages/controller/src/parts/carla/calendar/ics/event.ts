import { type Component, propertiesOf, valueOf } from "./components.ts";
import { type DayNumber, dayOf, daysOfDuration, endDayOf, type Written, writtenIn } from "./days.ts";
import { type DaySpan, recurring } from "./recurrence.ts";
import { readRule } from "./rule.ts";

/** A VEVENT of whole days, or one that stands for an occurrence of such. */
export interface DayEvent {
  readonly uid: string;
  /** Neither a time of day nor cancelled. */
  readonly counts: boolean;
  readonly first: DayNumber;
  /** Days. */
  readonly length: number;
  /** The occurrence that it replaces, alone or with all after it; null: none. */
  readonly replaces: { readonly day: DayNumber; readonly andLater: boolean } | null;
  /** Of several that replace the same the greatest counts. */
  readonly sequence: number;
  /** On which days it begins. */
  occurrences(span: DaySpan): readonly DayNumber[];
}

/** @param zone IANA name: whose days those in UTC are. @throws Error naming the event */
export function dayEventOf(component: Component, zone: string): DayEvent {
  try {
    return readEvent(component, zone);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `event ${valueOf(component, "SUMMARY") ?? valueOf(component, "UID") ?? "without a name"} ${message}`,
      { cause: error },
    );
  }
}

function readEvent(component: Component, zone: string): DayEvent {
  const [property] = propertiesOf(component, "DTSTART");
  const [start] = property ? writtenIn(property) : [];
  if (!start) throw new Error("has no DTSTART");
  const first = dayOf(start, zone);
  const isCancelled = valueOf(component, "STATUS")?.toUpperCase() === "CANCELLED";
  const counts = isAllDay(component, start) && !isCancelled;
  return {
    uid: valueOf(component, "UID") ?? "",
    counts,
    first,
    length: counts ? lengthOf(component, first, zone) : 1,
    replaces: replacedBy(component, zone),
    sequence: Number(valueOf(component, "SEQUENCE") ?? 0) || 0,
    occurrences: counts ? occurrencesOf(component, first, zone) : () => [],
  };
}

/** Outlook and what has learnt from it write midnights, and say beside that they mean days. */
const allDayFlags = ["X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY"];

function isAllDay(component: Component, { isDate }: Written): boolean {
  return isDate || allDayFlags.some((flag) => ["TRUE", "1"].includes(valueOf(component, flag)?.toUpperCase() ?? ""));
}

function replacedBy(component: Component, zone: string): DayEvent["replaces"] {
  const [property] = propertiesOf(component, "RECURRENCE-ID");
  const [one] = property ? writtenIn(property) : [];
  if (!property || !one) return null;
  return { day: dayOf(one, zone), andLater: property.parameters.get("RANGE")?.toUpperCase() === "THISANDFUTURE" };
}

/** An event's end is the day after its last; without one it lasts a day. */
function lengthOf(component: Component, first: DayNumber, zone: string): number {
  const [property] = propertiesOf(component, "DTEND");
  const [end] = property ? writtenIn(property) : [];
  const duration = valueOf(component, "DURATION");
  if (end) return Math.max(1, (end.isDate ? dayOf(end, zone) : endDayOf(end, zone)) - first);
  return duration === undefined ? 1 : Math.max(1, daysOfDuration(duration));
}

/** The day on which it stands is one of them unless a rule tells otherwise (RFC 5545, 3.8.5.2). */
function occurrencesOf(component: Component, first: DayNumber, zone: string): DayEvent["occurrences"] {
  const rulesOf = (name: string): readonly ((span: DaySpan) => DayNumber[])[] =>
    propertiesOf(component, name).map(({ value }) => {
      const rule = readRule(value, first, zone);
      return (span) => recurring(rule, first, span);
    });
  const listed = (name: string): readonly DayNumber[] =>
    propertiesOf(component, name).flatMap((property) => writtenIn(property).map((one) => dayOf(one, zone)));
  const [rules, exceptions] = [rulesOf("RRULE"), rulesOf("EXRULE")];
  const [more, without] = [listed("RDATE"), listed("EXDATE")];
  return (span) => {
    const left = new Set([...without, ...exceptions.flatMap((days) => days(span))]);
    const days = [...(rules.length === 0 ? [first] : rules.flatMap((rule) => rule(span))), ...more];
    return [...new Set(days)].filter((day) => !left.has(day));
  };
}

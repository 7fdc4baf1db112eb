import { dirname, resolve } from "node:path";

import { describeError } from "@walras/kit";

import type { Calendar, DaySelector, ReleaseWindow } from "../calendar/calendar.ts";
import { type DateRange, holidaysOf } from "../calendar/holidays.ts";
import type { ConfigFile } from "./configFile.ts";
import { present } from "./fields.ts";
import type { Path } from "./problems.ts";
import type { RawHolidays, RawWindow, RawWindows } from "./windowsSchema.ts";

/** Where a section of windows stands, and what its calendar is built with. */
export interface CalendarSource {
  readonly file: ConfigFile;
  readonly path: Path;
  readonly readText: (file: string) => string;
  /** Of holidays; what lies outside will not be asked for. */
  readonly range: DateRange;
}

/** The prototype's: week nights and weekends. */
const defaultCalendar: Calendar = {
  zone: "Europe/Bucharest",
  allow: [
    { kind: "weekly", days: ["WEEKDAY"], startMinute: 20 * 60, endMinute: 7 * 60 },
    { kind: "weekly", days: ["WEEKEND"], startMinute: 0, endMinute: 1440 },
  ],
  block: [],
  holidays: new Set(),
  holidayAs: "WEEKEND",
};

/**
 * The calendar of a section, within another one where there is one: what the
 * section leaves out is as there, but read in the section's own time zone. A
 * clinic that only names its zone has the policy's hours on its own clocks.
 * Blocks of the outer calendar hold as well, in its zone.
 */
export function calendarOf(section: RawWindows, outer: Calendar | null, source: CalendarSource): Calendar {
  const base = outer ?? defaultCalendar;
  const zone = section.timezone ?? base.zone;
  const holidays = section.holidays ?? {};
  return {
    zone,
    allow: section.allow ? windowsOf(section.allow, zone, at(source, "allow")) : base.allow,
    block: section.block ? windowsOf(section.block, zone, at(source, "block")) : [],
    holidays: holidays.dates || holidays.ics ? datesOf(holidays, zone, at(source, "holidays")) : base.holidays,
    holidayAs: holidays.as ?? base.holidayAs,
    ...(outer && { outer }),
  };
}

/** The same source, further down its file. */
export function at(source: CalendarSource, ...keys: Path): CalendarSource {
  return { ...source, path: [...source.path, ...keys] };
}

function windowsOf(windows: readonly (RawWindow | undefined)[], zone: string, source: CalendarSource): ReleaseWindow[] {
  return present(windows).flatMap(({ item, index }) => windowOf(item, zone, at(source, index)) ?? []);
}

function windowOf(raw: RawWindow, zone: string, source: CalendarSource): ReleaseWindow | null {
  const { file, path } = source;
  const isFixed = raw.from !== undefined || raw.until !== undefined;
  const isWeekly = [raw.day, raw.days, raw.start, raw.end].some((value) => value !== undefined);
  if (!isFixed) return weeklyOf(raw, source);
  if (!isWeekly) return fixedOf(raw, zone, source);
  file.complain(path, "is either {day, start, end} or {from, until}");
  return null;
}

function weeklyOf(raw: RawWindow, { file, path }: CalendarSource): ReleaseWindow | null {
  const { start, end } = raw;
  checkDays(raw, { file, path });
  if (start === undefined) file.complain([...path, "start"], "is missing");
  if (end === undefined) file.complain([...path, "end"], "is missing");
  if (start === 1440) file.complain([...path, "start"], "is not before 24:00");
  if (start === undefined || end === undefined) return null;
  return { kind: "weekly", days: selectorsOf(raw), startMinute: start, endMinute: endMinuteOf(end) };
}

function checkDays({ day, days }: RawWindow, { file, path }: Pick<CalendarSource, "file" | "path">): void {
  if (day !== undefined) return;
  if (days === undefined) file.complain([...path, "day"], "is missing");
  else if (days.length === 0) file.complain([...path, "days"], "names no day");
}

function selectorsOf({ day, days = [] }: RawWindow): DaySelector[] {
  return [day, ...days].filter((selector) => selector !== undefined);
}

/** Midnight ends a day as 24:00 does; 23:59 is what people write where that cannot be said. */
function endMinuteOf(minute: number): number {
  return minute === 0 || minute === 1439 ? 1440 : minute;
}

function fixedOf({ from, until }: RawWindow, zone: string, { file, path }: CalendarSource): ReleaseWindow | null {
  if (from === undefined) file.complain([...path, "from"], "is missing");
  if (until === undefined) file.complain([...path, "until"], "is missing");
  if (from === undefined || until === undefined) return null;
  const [fromMs, untilMs] = [from(zone), until(zone)];
  if (untilMs <= fromMs) file.complain([...path, "until"], "is not after from");
  return { kind: "fixed", fromMs, untilMs };
}

function datesOf({ dates, ics }: RawHolidays, zone: string, source: CalendarSource): ReadonlySet<string> {
  const listed = present(dates ?? []).map(({ item }) => item);
  const read = present(ics ?? []).flatMap(({ item, index }) => datesIn(item, zone, at(source, "ics", index)));
  return new Set([...listed, ...read]);
}

function datesIn(name: string, zone: string, { file, path, readText, range }: CalendarSource): string[] {
  try {
    const dates = holidaysOf(readText(resolve(dirname(file.name), name)), { range, zone }, name);
    if (dates.length === 0) file.warn(path, `has no all-day event from ${range.first} to ${range.last}`);
    return dates;
  } catch (error) {
    file.complain(path, `cannot be read (${describeError(error)})`);
    return [];
  }
}

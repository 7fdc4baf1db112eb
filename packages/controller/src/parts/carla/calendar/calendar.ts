/** Monday first, as in ISO 8601. */
export const weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"] as const;
export type Weekday = (typeof weekdays)[number];

/** HOLIDAY matches only days of the holiday list. */
export const daySelectors = [...weekdays, "WEEKDAY", "WEEKEND", "HOLIDAY", "DAILY"] as const;
export type DaySelector = (typeof daySelectors)[number];

/** A recurring span of local time. One that ends at or before its start ends on the next day, and belongs to the day it starts on. */
export interface WeeklyWindow {
  readonly kind: "weekly";
  readonly days: readonly DaySelector[];
  /** Minutes after local midnight, [0, 1440). */
  readonly startMinute: number;
  /** Minutes after local midnight, (0, 1440]; 23:59 is read as 24:00. */
  readonly endMinute: number;
}

/** One span of absolute time: an announced freeze, or an exception. */
export interface FixedWindow {
  readonly kind: "fixed";
  readonly fromMs: number;
  readonly untilMs: number;
}

export type ReleaseWindow = WeeklyWindow | FixedWindow;

/** What a holiday counts as for the windows of its day; BLOCKED closes the day. */
export const holidayKinds = ["WEEKEND", "WEEKDAY", "BLOCKED"] as const;
type HolidayKind = (typeof holidayKinds)[number];

/** When something may be released. Blocks win over allowances. */
export interface Calendar {
  /** IANA name of the time zone of weekly windows and holidays. */
  readonly zone: string;
  readonly allow: readonly ReleaseWindow[];
  readonly block: readonly ReleaseWindow[];
  /** ISO dates (2026-12-25). On these the weekday's own selectors do not match and `holidayAs` does. */
  readonly holidays: ReadonlySet<string>;
  readonly holidayAs: HolidayKind;
  /** A calendar whose `block` holds here too, in its own zone and with its own holidays: the clinic's for an application, the policy's for a clinic. */
  readonly outer?: Calendar;
}

/** The calendar at one moment. */
export interface Opening {
  readonly open: boolean;
  /** Why, for people: "in MON–FRI 20:00–07:00", "blocked until …". */
  readonly reason: string;
  /** Until when this stays so without a break; null: longer than eight days. */
  readonly untilMs: number | null;
}

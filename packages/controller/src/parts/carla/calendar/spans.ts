import type { Calendar, ReleaseWindow, WeeklyWindow } from "./calendar.ts";
import { type LocalDay, localDays, matchesDay } from "./days.ts";

/** A holiday that closes its whole day. */
interface ClosedDay {
  readonly kind: "closed";
  /** ISO date. */
  readonly iso: string;
}

/** From a moment until before another one, ms since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A span and what makes it one. */
export interface CausedSpan extends Span {
  readonly cause: ReleaseWindow | ClosedDay;
  readonly zone: string;
}

/** How far ahead a calendar is looked at. */
export const horizonDays = 8;

/** The day before, because its last window may reach into today; one more, because the horizon ends within a day. */
const around = { before: 1, count: horizonDays + 3 };

/** When a calendar allows and when it blocks, from yesterday to the horizon. */
export function spansAround(calendar: Calendar, nowMs: number): { allowed: CausedSpan[]; blocked: CausedSpan[] } {
  const days = localDays(calendar, nowMs, around);
  const allowed = spansOf(calendar.allow, days, calendar);
  const blocked = [...closedDays(days, calendar), ...spansOf(calendar.block, days, calendar)];
  for (let outer = calendar.outer; outer; outer = outer.outer) blocked.push(...blocksOf(outer, nowMs));
  return { allowed, blocked };
}

function blocksOf(calendar: Calendar, nowMs: number): CausedSpan[] {
  if (calendar.block.length === 0) return [];
  return spansOf(calendar.block, localDays(calendar, nowMs, around), calendar);
}

function spansOf(windows: readonly ReleaseWindow[], days: readonly LocalDay[], calendar: Calendar): CausedSpan[] {
  const { zone } = calendar;
  return windows.flatMap((window): CausedSpan[] => {
    if (window.kind === "fixed") return [{ fromMs: window.fromMs, untilMs: window.untilMs, cause: window, zone }];
    const matching = days.filter((day) => window.days.some((selector) => matchesDay(selector, day, calendar)));
    return matching.map((day) => ({ ...spanOn(day, window), cause: window, zone }));
  });
}

function spanOn(day: LocalDay, { startMinute, endMinute }: WeeklyWindow): Span {
  const ends = endMinute > startMinute ? endMinute : endMinute + 1440;
  return { fromMs: day.at(startMinute), untilMs: day.at(ends) };
}

function closedDays(days: readonly LocalDay[], { holidayAs, zone }: Calendar): CausedSpan[] {
  if (holidayAs !== "BLOCKED") return [];
  return days
    .filter(({ holiday }) => holiday)
    .map((day) => ({ fromMs: day.at(0), untilMs: day.at(1440), cause: { kind: "closed", iso: day.iso }, zone }));
}

/** The same moments in as few spans as possible, in order. Empty and backward spans vanish. */
export function merged(spans: readonly Span[]): Span[] {
  const result: { fromMs: number; untilMs: number }[] = [];
  const sorted = spans
    .filter(({ fromMs, untilMs }) => fromMs < untilMs)
    .toSorted((one, other) => one.fromMs - other.fromMs);
  for (const { fromMs, untilMs } of sorted) {
    const last = result.at(-1);
    if (last && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, untilMs);
    else result.push({ fromMs, untilMs });
  }
  return result;
}

/** Whether a moment lies in a span. */
export function covers({ fromMs, untilMs }: Span, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs;
}

import type { DashboardReleases, OpenSpan } from "@walras/api";

const dayMs = 86_400_000;

/** A piece of a line of the calendar: parts of its length, 0 to 1. */
export interface Piece {
  readonly from: number;
  readonly length: number;
}

/** The seven days from a moment on. */
export interface Week {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function weekFrom(nowMs: number): Week {
  return { fromMs: nowMs, untilMs: nowMs + 7 * dayMs };
}

/** Where a moment is in the week; null: outside. */
export function placeOf({ fromMs, untilMs }: Week, atMs: number): number | null {
  const place = (atMs - fromMs) / (untilMs - fromMs);
  return place >= 0 && place <= 1 ? place : null;
}

/** A span that has no end lasts beyond the week. */
export function piecesOf(
  week: Week,
  spans: readonly { readonly fromMs: number; readonly untilMs: number | null }[],
): readonly Piece[] {
  const width = week.untilMs - week.fromMs;
  return spans.flatMap(({ fromMs, untilMs }) => {
    const from = Math.max(fromMs, week.fromMs);
    const until = Math.min(untilMs ?? week.untilMs, week.untilMs);
    return until > from ? [{ from: (from - week.fromMs) / width, length: (until - from) / width }] : [];
  });
}

/** Midnights of the calendar's zone within the week, with the day's name. */
export function daysOf(week: Week, zone: string): readonly { readonly atMs: number; readonly name: string }[] {
  const days: { atMs: number; name: string }[] = [];
  for (let at = week.fromMs; at < week.untilMs; at += 3_600_000) {
    const hour = Math.floor(at / 3_600_000) * 3_600_000;
    if (hour >= week.fromMs && hourIn(hour, zone) === 0) days.push({ atMs: hour, name: dayIn(hour, zone) });
  }
  return days;
}

function hourIn(atMs: number, zone: string): number {
  return Number(new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone: zone }).format(atMs));
}

function dayIn(atMs: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", timeZone: zone }).format(atMs);
}

/** When releases may next begin: now, the next opening, or null where none is known in the week. */
export function nextOpening(calendar: readonly OpenSpan[], nowMs: number): number | null {
  const span = calendar.find(({ untilMs }) => untilMs > nowMs);
  return span === undefined ? null : Math.max(span.fromMs, nowMs);
}

/** How many wait for what: the reasons, most frequent first. */
export function holdsOf({ queue }: DashboardReleases): readonly (readonly [reason: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { reason } of queue) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

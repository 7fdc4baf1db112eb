import type { FixedWindow, WeeklyWindow } from "./calendar.ts";
import type { CausedSpan } from "./spans.ts";

/** A window in people's words: "WEEKDAY 20:00–07:00 (Europe/Bucharest)". */
export function describeWindow({ cause, zone }: CausedSpan): string {
  if (cause.kind === "weekly") return `${describeWeekly(cause)} (${zone})`;
  return cause.kind === "fixed" ? describeFixed(cause, zone) : `holiday ${cause.iso} (${zone})`;
}

/** What closes, and until when. */
export function describeBlock(span: CausedSpan): string {
  if (span.cause.kind === "fixed") return `blocked until ${localTime(span.untilMs, span.zone)} (${span.zone})`;
  return `blocked by ${describeWindow(span)} until ${localTime(span.untilMs, span.zone)}`;
}

function describeWeekly({ days, startMinute, endMinute }: WeeklyWindow): string {
  return `${days.join(",")} ${timeOfDay(startMinute)}–${timeOfDay(endMinute)}`;
}

function describeFixed({ fromMs, untilMs }: FixedWindow, zone: string): string {
  return `${localTime(fromMs, zone)}–${localTime(untilMs, zone)} (${zone})`;
}

function timeOfDay(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function localTime(ms: number, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
  return local.toString({ smallestUnit: "minute" }).replace("T", " ");
}

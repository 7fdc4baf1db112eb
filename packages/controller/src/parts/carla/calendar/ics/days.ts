import type { Property } from "./components.ts";

/** A day, counted from 1970-01-01. */
export type DayNumber = number;

const dayMs = 86_400_000;

/** Of the Gregorian calendar. */
export interface Civil {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

/** Days of the era of 400 years in which years begin in March, so that February ends them (Hinnant, "chrono-compatible date algorithms"). */
const eraDays = 146_097;
const fromEpoch = 719_468;

/** Which day it is. */
export function civilOf(day: DayNumber): Civil {
  const shifted = day + fromEpoch;
  const era = Math.floor(shifted / eraDays);
  const ofEra = shifted - era * eraDays;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const march = Math.floor((5 * ofYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const monthDay = ofYear - Math.floor((153 * march + 2) / 5) + 1;
  return { year: year + era * 400 + (month <= 2 ? 1 : 0), month, day: monthDay };
}

/** The other way round. */
export function dayOfCivil({ year, month, day }: Civil): DayNumber {
  const fromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const ofEra = fromMarch - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * eraDays + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - fromEpoch;
}

/** @returns ISO date */
export function isoOf(day: DayNumber): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** @param iso ISO date */
export function dayNumberOf(iso: string): DayNumber {
  return Date.parse(iso) / dayMs;
}

/** A DATE or a DATE-TIME as it is written (RFC 5545, 3.3.4 and 3.3.5). */
export interface Written {
  readonly local: Temporal.PlainDateTime;
  readonly isDate: boolean;
  readonly isUtc: boolean;
}

const written = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$/i;

/** As Outlook names Greenwich's zone, and others. */
const utcNames = new Set(["UTC", "ETC/UTC", "GMT", "ETC/GMT", "TZONE://MICROSOFT/UTC", "COORDINATED UNIVERSAL TIME"]);

/** The dates and times of a property, of a period its beginning. What is said to be a DATE is one, whatever follows it. @throws Error */
export function writtenIn({ name, parameters, value }: Property): readonly Written[] {
  const isUtcZone = utcNames.has(parameters.get("TZID")?.toUpperCase() ?? "");
  const isSaidDate = parameters.get("VALUE")?.toUpperCase() === "DATE";
  const items = value.split(",").filter((item) => item.trim() !== "");
  return items.map((item) => {
    const one = readWritten(item.split("/")[0] ?? "", name);
    if (isSaidDate || one.isDate) return { ...one, isDate: true, isUtc: false };
    return isUtcZone ? { ...one, isUtc: true } : one;
  });
}

/** @throws Error naming what was meant to be one */
export function readWritten(text: string, name: string): Written {
  const [whole, year, month, day, hour, minute, second, utc] = written.exec(text.trim()) ?? [];
  if (whole === undefined) throw new Error(`${name}: ${JSON.stringify(text)} is not a date`);
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const time = { hour: Number(hour ?? 0), minute: Number(minute ?? 0), second: Math.min(59, Number(second ?? 0)) };
  const local = Temporal.PlainDateTime.from({ ...date, ...time }, { overflow: "reject" });
  return { local, isDate: hour === undefined, isUtc: utc !== undefined };
}

/** The day as it is written; of a midnight in UTC the day that begins nearest to it in the calendar's zone. */
export function dayOf(one: Written, zone: string): DayNumber {
  return numberOf(one.isUtc ? inZone(one, zone).add({ hours: 12 }) : one.local);
}

/** The day before which something ends: midnight of it, or the last second before. */
export function endDayOf(one: Written, zone: string): DayNumber {
  return numberOf((one.isUtc ? inZone(one, zone) : one.local).add({ hours: 12 }));
}

/** The last day that begins no later. */
export function untilDayOf(one: Written, zone: string): DayNumber {
  return numberOf(one.isUtc ? inZone(one, zone) : one.local);
}

function inZone({ local }: Written, zone: string): Temporal.PlainDateTime {
  return local.toZonedDateTime("UTC").withTimeZone(zone).toPlainDateTime();
}

function numberOf(local: Temporal.PlainDateTime): DayNumber {
  return dayNumberOf(local.toPlainDate().toString());
}

/** Days that a DURATION takes part of (RFC 5545, 3.3.6). @throws Error */
export function daysOfDuration(text: string): number {
  const [whole, weeks, days, hours, minutes, seconds] =
    /^\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim()) ?? [];
  if (whole === undefined) throw new Error(`DURATION: ${JSON.stringify(text)} is not a duration`);
  const number = (part: string | undefined): number => Number(part ?? 0);
  const ofDay = (number(hours) + number(minutes) / 60 + number(seconds) / 3600) / 24;
  return Math.ceil(number(weeks) * 7 + number(days) + ofDay);
}

import { z } from "zod";

import { holidayKinds } from "../calendar/calendar.ts";
import { daySelector, isoDate, listOf, moment, text, timeOfDay, timeZone } from "./fields.ts";

/** Weekly {day or days, start, end} or fixed {from, until}; which one is checked when it is built. */
const windowSchema = z.object({
  day: daySelector.optional(),
  days: listOf(daySelector).optional(),
  start: timeOfDay.optional(),
  end: timeOfDay.optional(),
  from: moment.optional(),
  until: moment.optional(),
});

export type RawWindow = z.output<typeof windowSchema>;

const holidaysSchema = z.object({
  dates: listOf(isoDate).optional(),
  ics: listOf(text).optional(),
  as: z.enum(holidayKinds).optional(),
});

export type RawHolidays = z.output<typeof holidaysSchema>;

/** The windows of a clinic or of an application. */
export const windowsSchema = z.object({
  timezone: timeZone.optional(),
  allow: listOf(windowSchema).optional(),
  block: listOf(windowSchema).optional(),
  holidays: holidaysSchema.optional(),
});

export type RawWindows = z.output<typeof windowsSchema>;

/** The windows of the policy. A clinic without a value is as the policy says. */
export const policyWindowsSchema = windowsSchema.extend({
  clinics: z.record(z.string(), windowsSchema.optional()).prefault({}),
});

import { z } from "zod";

import { type DaySelector, daySelectors } from "../calendar/calendar.ts";

/** Text that means something; `read` gives null where it does not. */
function textAs<Meaning>(read: (text: string) => Meaning | null, complaint: string): z.ZodType<Meaning> {
  return z.unknown().transform((value, context): Meaning => {
    const meaning = typeof value === "string" ? read(value.trim()) : null;
    if (meaning !== null) return meaning;
    context.addIssue({ code: "custom", message: complaint });
    return z.NEVER;
  });
}

/** A list whose items may have been left out as wrong; see parseLeniently. */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodArray<z.ZodOptional<Item>> {
  return z.array(item.optional());
}

/** What is left of such a list, with the index each item has in the file. */
export function present<Item>(list: readonly (Item | undefined)[]): { item: Item; index: number }[] {
  return list.flatMap((item, index) => (item === undefined ? [] : [{ item, index }]));
}

/** Also YAML 1.1's words, which the files may have been written with. */
export const flag = z.preprocess((value) => {
  if (typeof value !== "string") return value;
  const word = value.toLowerCase();
  if (["yes", "on", "true"].includes(word)) return true;
  return ["no", "off", "false"].includes(word) ? false : value;
}, z.boolean());

/** A number, also as text: quotes and YAML 1.1's 1_000 are what the prototype's readers of numbers let pass. */
export function numeric(schema: z.ZodType<number>): z.ZodType<number> {
  return z.preprocess((value) => {
    const written = typeof value === "string" ? value.trim() : "";
    return decimal.test(written) ? Number(written.replaceAll("_", "")) : value;
  }, schema);
}

const decimal = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i;

export const text = z.string().min(1);
export const positive = numeric(z.number().positive());
export const notNegative = numeric(z.number().min(0));
/** In (0, 1]. */
export const share = numeric(z.number().positive().max(1));

/** Minutes after midnight, [0, 1440]. */
export const timeOfDay = textAs((written) => {
  const match = /^(\d{1,2}):([0-5]\d)$/.exec(written);
  const minute = match ? Number(match[1]) * 60 + Number(match[2]) : NaN;
  return minute <= 1440 ? minute : null;
}, "is not a time of day (HH:MM)");

export const daySelector = textAs(
  (written): DaySelector | null => daySelectors.find((selector) => selector === written.toUpperCase()) ?? null,
  `is not a day (${daySelectors.join(", ")})`,
);

export const timeZone = textAs(
  (written) => unlessThrown(() => new Temporal.ZonedDateTime(0n, written).timeZoneId),
  "is not a time zone (like Europe/Bucharest)",
);

/** As it is written. */
export const isoDate = textAs(
  (written) =>
    /^\d{4}-\d\d-\d\d$/.test(written) ? unlessThrown(() => Temporal.PlainDate.from(written).toString()) : null,
  "is not a date (YYYY-MM-DD)",
);

/** A moment in ms since the epoch, once it is known in which zone a local time is meant. */
export type Moment = (zone: string) => number;

export const moment = textAs(
  (written): Moment | null =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d[^[]*$/.test(written) ? (instantOf(written) ?? localOf(written)) : null,
  "is not a moment (2026-12-24T18:00, or with Z or an offset)",
);

function instantOf(written: string): Moment | null {
  return unlessThrown(() => {
    const { epochMilliseconds } = Temporal.Instant.from(written);
    return () => epochMilliseconds;
  });
}

function localOf(written: string): Moment | null {
  return unlessThrown(() => {
    const local = Temporal.PlainDateTime.from(written);
    return (zone) => local.toZonedDateTime(zone).epochMilliseconds;
  });
}

/** Without a slash at its end. */
export const httpUrl = textAs(
  (written) => (/^https?:$/.test(URL.parse(written)?.protocol ?? "") ? written.replace(/\/+$/, "") : null),
  "is not an http(s) URL",
);

function unlessThrown<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch {
    return null;
  }
}

type CamelCase<Key> = Key extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Key;

/** A section of a file, its keys spelt as we spell ours: large_diff is largeDiff. */
export function camelCased<Section extends object>(
  section: Section,
): { [Key in keyof Section as CamelCase<Key>]: Section[Key] } {
  const entries = Object.entries(section).map(([key, value]: [string, unknown]) => [
    key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as { [Key in keyof Section as CamelCase<Key>]: Section[Key] };
}

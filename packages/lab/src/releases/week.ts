/** A span of time in ticks, in the zone of a policy. */
export interface Week {
  readonly zone: string;
  /** Local midnight, milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly tickMs: number;
  readonly ticks: number;
  readonly local: LocalTime;
}

/** Time on the wall. */
export interface Local {
  /** 0 is Monday. */
  readonly weekday: number;
  /** After midnight, [0, 1440). */
  readonly minute: number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Offsets from UTC change on quarters of an hour only. */
const blockMs = 15 * minuteMs;

/** Local time from a zone's offsets, each looked up once. */
export class LocalTime {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();

  constructor(zone: string) {
    this.#zone = zone;
  }

  at(ms: number): Local {
    const localMs = ms + this.#offsetMs(Math.floor(ms / blockMs));
    const day = Math.floor(localMs / dayMs);
    // 1970-01-01 was a Thursday.
    return { weekday: (((day + 3) % 7) + 7) % 7, minute: Math.floor((localMs - day * dayMs) / minuteMs) };
  }

  #offsetMs(block: number): number {
    const known = this.#offsets.get(block);
    if (known !== undefined) return known;
    const instant = Temporal.Instant.fromEpochMilliseconds(block * blockMs);
    const offsetMs = instant.toZonedDateTimeISO(this.#zone).offsetNanoseconds / 1e6;
    this.#offsets.set(block, offsetMs);
    return offsetMs;
  }
}

/** @param startDate ISO date on which the span begins, at local midnight */
export function weekFrom(startDate: string, span: { zone: string; days: number; tickMs: number }): Week {
  const { zone, days, tickMs } = span;
  const first = Temporal.PlainDate.from(startDate);
  const startMs = first.toZonedDateTime(zone).epochMilliseconds;
  const endMs = first.add({ days }).toZonedDateTime(zone).epochMilliseconds;
  return { zone, startMs, endMs, tickMs, ticks: Math.ceil((endMs - startMs) / tickMs), local: new LocalTime(zone) };
}

/** When developers push and operators read: weekdays 09:00–18:00. */
export function isWorkingTime({ weekday, minute }: Local): boolean {
  return weekday < 5 && minute >= 9 * 60 && minute < 18 * 60;
}

/** When patients are in the house: weekdays 07:00–20:00. */
export function isClinicTime({ weekday, minute }: Local): boolean {
  return weekday < 5 && minute >= 7 * 60 && minute < 20 * 60;
}

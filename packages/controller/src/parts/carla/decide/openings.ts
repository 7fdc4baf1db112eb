import type { Calendar, Opening } from "../calendar/calendar.ts";
import { openingAt } from "../calendar/open.ts";

/** Calendars of one decision, each looked up once for each moment: most applications share one. */
export class Openings {
  readonly #known = new Map<Calendar, Map<number, Opening>>();

  at(calendar: Calendar, atMs: number): Opening {
    const moments = this.#known.get(calendar) ?? new Map<number, Opening>();
    this.#known.set(calendar, moments);
    const opening = moments.get(atMs) ?? openingAt(calendar, atMs);
    moments.set(atMs, opening);
    return opening;
  }
}

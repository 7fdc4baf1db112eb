import { type Calendar, openingAt } from "@walras/controller/carla";

/** Calendars, asked again only when their answer may have changed. For times that do not go back. */
export class Openings {
  readonly #known = new Map<Calendar, { readonly open: boolean; readonly untilMs: number }>();

  isOpen(calendar: Calendar, nowMs: number): boolean {
    const known = this.#known.get(calendar);
    if (known && nowMs < known.untilMs) return known.open;
    const { open, untilMs } = openingAt(calendar, nowMs);
    // An answer without an end is asked for again after an hour.
    this.#known.set(calendar, { open, untilMs: untilMs ?? nowMs + 3_600_000 });
    return open;
  }
}

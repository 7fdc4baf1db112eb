import type { Calendar } from "../calendar/calendar.ts";
import { closedSince, openingAt } from "../calendar/open.ts";
import type { Openings } from "./openings.ts";
import { applicationsIn } from "../config/named.ts";
import type { AppPolicy, Freeze, ReleaseConfig } from "../config/policy.ts";

/** Why a release must not begin now, or not go on. */
export interface Stop {
  readonly reason: "window_closed" | "frozen";
  /** Wall milliseconds: what has begun since then has begun too late. */
  readonly sinceMs: number;
  /** What has begun before goes on, or is ended as well. */
  readonly scope: "unbegun" | "all";
}

type App = Pick<AppPolicy, "name" | "calendar">;

/**
 * The policy's freezes and those beside it, with their exceptions by the names
 * under which applications are told of. A name that may be several excepts none.
 */
export function freezesOf(config: ReleaseConfig, beside: readonly Freeze[]): readonly Freeze[] {
  const all = [...config.policy.freezes, ...beside];
  if (!all.some(({ except }) => except.size > 0)) return all;
  const meaning = applicationsIn(config);
  const alone = (meant: readonly string[]): readonly string[] => (meant.length === 1 ? meant : []);
  return all.map((freeze) => ({
    ...freeze,
    except: new Set([...freeze.except].flatMap((written) => alone(meaning(written)))),
  }));
}

/** The freeze that holds an application, of several the one that lasts longest; null: none does. */
export function freezeOf(name: string, freezes: readonly Freeze[], nowMs: number): Freeze | null {
  const [longest = null] = freezes
    .filter((freeze) => nowMs >= freeze.fromMs && nowMs < endOf(freeze) && !freeze.except.has(name))
    .toSorted((one, other) => endOf(other) - endOf(one) || one.fromMs - other.fromMs);
  return longest;
}

/** What stands against the application's releases at this moment; a freeze that ends them goes before all. */
export function stopOf({ name, calendar }: App, freezes: readonly Freeze[], nowMs: number): Stop | null {
  const ending = freezeOf(
    name,
    freezes.filter(({ inFlight }) => inFlight === "end"),
    nowMs,
  );
  if (ending) return { reason: "frozen", sinceMs: ending.fromMs, scope: "all" };
  const freeze = freezeOf(name, freezes, nowMs);
  if (freeze) return { reason: "frozen", sinceMs: freeze.fromMs, scope: "unbegun" };
  if (openingAt(calendar, nowMs).open) return null;
  return { reason: "window_closed", sinceMs: closedSince(calendar, nowMs) ?? -Infinity, scope: "unbegun" };
}

/** Steps of a calendar's horizon that are looked ahead: more than a year. */
const mostSteps = 52;

/**
 * When the application may be released again as far as windows and freezes go.
 *
 * @param fromMs from when on; a moment at which it is open is the answer
 * @returns wall milliseconds; null: not within a year, or only when somebody lifts a freeze
 */
export function nextOpen(
  { name, calendar }: App,
  { freezes, openings }: { readonly freezes: readonly Freeze[]; readonly openings: Openings },
  fromMs: number,
): number | null {
  let atMs = fromMs;
  for (let step = 0; step < mostSteps; step += 1) {
    const freeze = freezeOf(name, freezes, atMs);
    const nextMs = freeze ? freeze.untilMs : opensFrom(calendar, openings, atMs);
    if (nextMs === null || nextMs === atMs) return nextMs;
    atMs = nextMs;
  }
  return null;
}

/** Eight days are looked at in one step: what is closed for longer is looked at again from there. */
const stepMs = 7 * 86_400_000;

function opensFrom(calendar: Calendar, openings: Openings, atMs: number): number | null {
  if (calendar.allow.length === 0) return null;
  const { open, untilMs } = openings.at(calendar, atMs);
  return open ? atMs : (untilMs ?? atMs + stepMs);
}

function endOf({ untilMs }: Freeze): number {
  return untilMs ?? Infinity;
}

import type { Calendar, DaySelector, ReleaseWindow } from "@walras/controller/carla";
import { type Weekday, weekdays } from "@walras/controller/carla";

import { isWaiting, type LabApp, type LabView, type ReleaseRule } from "../rule.ts";
import type { Local } from "../week.ts";
import { prototypeScore } from "./score.ts";

/** What it took headroom to be wherever a cluster was to be reached: usage was never measured. */
const hardCodedHeadroom = 0.286;
/** It stops waiting for a release. */
const patienceMs = 1_800_000;
/** It wrote the end of a day as 23:59, and meant it. */
const lastMinute = 23 * 60 + 59;

/**
 * CARLA as it was. One window for all, that of today's date alone, so that a
 * window across midnight opens early on the first day. A knapsack that never
 * takes a score of 0 or less, cut to the number of parallel releases in the
 * order of apps.yaml after it was solved. One release at a time, each waited
 * for until its operation succeeds; failed operations are not recognised, and
 * health is not looked at. Not replayed: that it may take an earlier
 * operation's success for this one's.
 */
export class Prototype implements ReleaseRule {
  readonly name = "prototype";
  #queue: readonly string[] = [];
  #current: { readonly name: string; readonly sinceMs: number } | null = null;

  get following(): boolean {
    return this.#current !== null;
  }

  choose(view: LabView): readonly string[] {
    if (this.#waits(view)) return [];
    if (this.#queue.length === 0 && view.tick !== null) this.#queue = this.#decide(view);
    const [next, ...rest] = this.#queue;
    this.#queue = rest;
    this.#current = next === undefined ? null : { name: next, sinceMs: view.nowMs };
    return next === undefined ? [] : [next];
  }

  #waits({ apps, nowMs }: LabView): boolean {
    const current = this.#current;
    if (!current || nowMs - current.sinceMs >= patienceMs) return false;
    const app = apps.find(({ policy }) => policy.name === current.name);
    return app?.operation?.phase !== "Succeeded";
  }

  #decide({ apps, config: { policy }, nowMs, week }: LabView): readonly string[] {
    const inWindow = isInWindow(policy.calendar, week.local.at(nowMs));
    if (hardCodedHeadroom < policy.minHeadroom || !inWindow) return [];
    const pending = apps.filter(isWaiting);
    if (pending.length === 0) return [];
    const scored = pending.map((app) => ({ app, score: prototypeScore(app.policy, policy.weights, true) }));
    const chosen = knapsack(
      scored.filter(({ score }) => score > 0),
      policy.rmax,
    );
    return apps
      .filter((app) => chosen.has(app) && !(policy.pauseHighRisk && app.policy.risk >= 2))
      .slice(0, policy.maxParallel)
      .map(({ policy: { name } }) => name);
  }
}

interface Scored {
  readonly app: LabApp;
  readonly score: number;
}

/** 0/1 knapsack over r in hundredths. */
function knapsack(items: readonly Scored[], rmax: number): ReadonlySet<LabApp> {
  const capacity = Math.round(rmax * 100);
  let best: { readonly score: number; readonly apps: readonly LabApp[] }[] = Array.from(
    { length: capacity + 1 },
    () => ({ score: 0, apps: [] }),
  );
  for (const { app, score } of items) {
    const weight = Math.round(app.policy.r * 100);
    best = best.map((without, room) => {
      const rest = best[room - weight];
      return rest && rest.score + score > without.score
        ? { score: rest.score + score, apps: [...rest.apps, app] }
        : without;
    });
  }
  return new Set(best[capacity]?.apps);
}

function isInWindow({ allow }: Calendar, local: Local): boolean {
  return allow.some((window) => matches(window, local));
}

function matches(window: ReleaseWindow, { weekday, minute }: Local): boolean {
  if (window.kind === "fixed") return false;
  if (!window.days.some((day) => matchesDay(day, weekdays[weekday]))) return false;
  const { startMinute } = window;
  const endMinute = Math.min(window.endMinute, lastMinute);
  if (startMinute < endMinute) return minute >= startMinute && minute < endMinute;
  return minute >= startMinute || minute < endMinute;
}

function matchesDay(selector: DaySelector, day: Weekday | undefined): boolean {
  const weekend = day === "SAT" || day === "SUN";
  if (selector === "DAILY") return true;
  if (selector === "WEEKEND") return weekend;
  if (selector === "WEEKDAY") return !weekend;
  return selector === day;
}

import type { Change } from "@walras/controller/carla";
import type { Rng } from "@walras/kit";

import { exponential, pick, rngFor } from "./draws.ts";
import { sensitiveKinds } from "./failures.ts";
import { isWorkingTime, type Week } from "./week.ts";

/** Something new to release. */
export interface Arrival {
  readonly atMs: number;
  /** Place of the application among the week's. */
  readonly app: number;
  readonly revision: string;
  readonly change: Change;
  /** An operator has read it and consents, asked or not; rules that need no consent go ahead before. */
  readonly approvedAtMs: number;
}

/** Of an application and an hour of working time. */
const changesPerHour = 0.13;
/** Next to none at night: urgent fixes. */
const idleShare = 0.02;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const meanReviewMinutes = 120;
const leastReviewMinutes = 5;
const longestReviewMinutes = 7 * 1440;
const quiet: readonly string[] = ["ConfigMap", "Deployment", "Service"];

/** Pushes of a week: a Poisson process for each application, by thinning (Lewis and Shedler, 1979), in the order they come. */
export function syntheticArrivals(week: Week, apps: number, seed: number): Arrival[] {
  const arrivals = Array.from({ length: apps }, (_, app) => {
    const rng = rngFor(seed, 1, app);
    return pushes(week, rng).map((atMs, index) => arrivalOf({ atMs, app, revision: `r${index + 1}` }, { week, seed }));
  });
  return arrivals.flat().toSorted((one, other) => one.atMs - other.atMs || one.app - other.app);
}

/** What is drawn for a push: its diff, and how long its review takes. */
export function arrivalOf(
  push: Pick<Arrival, "atMs" | "app" | "revision">,
  { week, seed }: { readonly week: Week; readonly seed: number },
): Arrival {
  const rng = rngFor(seed, 2, push.app, Math.floor(push.atMs / 1000));
  const change = drawChange(rng);
  const reviewMinutes = Math.max(leastReviewMinutes, exponential(rng, meanReviewMinutes));
  return { ...push, change, approvedAtMs: afterWorkingMinutes(week, push.atMs, reviewMinutes) };
}

function pushes(week: Week, rng: Rng): number[] {
  const times: number[] = [];
  let atMs = week.startMs;
  while (true) {
    atMs += Math.ceil(exponential(rng, hourMs / changesPerHour));
    if (atMs >= week.endMs) return times;
    const share = isWorkingTime(week.local.at(atMs)) ? 1 : idleShare;
    if (rng() < share) times.push(atMs);
  }
}

/** Most diffs are small; one in ten touches a kind that more depends on. */
function drawChange(rng: Rng): Change {
  const changedFields = 1 + Math.floor(exponential(rng, 25));
  const kind = rng() < 0.1 ? pick(rng, even(sensitiveKinds)) : pick(rng, even(quiet));
  return { changedFields, objects: 1 + Math.floor(changedFields / 20), kinds: [kind] };
}

function even(choices: readonly string[]): (readonly [string, number])[] {
  return choices.map((choice) => [choice, 1]);
}

function afterWorkingMinutes({ local }: Week, fromMs: number, minutes: number): number {
  let left = minutes;
  let atMs = fromMs;
  for (let passed = 0; left > 0 && passed < longestReviewMinutes; passed += 1) {
    atMs += minuteMs;
    if (isWorkingTime(local.at(atMs))) left -= 1;
  }
  return atMs;
}

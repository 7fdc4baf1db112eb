import type { AppPolicy } from "@walras/controller/carla";
import { percentile } from "@walras/kit/bench";

import { Openings } from "./openings.ts";
import type { ReleaseRecord } from "./records.ts";
import type { Replay } from "./run.ts";
import { isClinicTime, type Week } from "./week.ts";
import type { Scene } from "./world.ts";

/** What a rule made of a week. */
export interface Outcome {
  readonly rule: string;
  /** Releases that were started. */
  readonly rollouts: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Failures with no harm beyond themselves; see `isContained`. */
  readonly contained: number;
  /** Changes, or several of one application together, that were pushed. */
  readonly changes: number;
  /** Of these, not live and healthy when the week ended. */
  readonly unfinished: number;
  /** From the push until it is live and healthy; what is unfinished counts with its wait so far. */
  readonly meanWaitHours: number;
  readonly p95WaitHours: number;
  readonly startedInClinicHours: number;
  /** With any part of [start, end) on a weekday between 07:00 and 20:00 local time. */
  readonly inClinicHours: number;
  /** Started while the application's own calendar was closed. */
  readonly outsideWindow: number;
  /** High risk, and nobody had consented. */
  readonly withoutConsent: number;
  /** While something it depends on was out of sync or not healthy. */
  readonly outOfOrder: number;
  /** Σ over releases of risk × hours of it that fell in clinic hours or while the cluster was above a watermark. */
  readonly riskExposureHours: number;
  /** Greatest Σ r of releases at the same time. */
  readonly peakR: number;
}

const hourMs = 3_600_000;

export function outcomeOf({ scene, rule, releases, waits, overloaded }: Replay): Outcome {
  const { week, config } = scene;
  const failures = releases.filter(({ ending }) => ending !== "succeeds");
  const waitHours = waits.map(({ sinceMs, untilMs }) => ((untilMs ?? week.endMs) - sinceMs) / hourMs);
  const clinic = clinicTicks(week);
  const sensitive = clinic.map((busy, tick) => busy | (overloaded[tick] ?? 0));
  return {
    rule,
    rollouts: releases.length,
    succeeded: releases.length - failures.length,
    failed: failures.length,
    contained: failures.filter((failure) => isContained(failure, releases, scene)).length,
    changes: waits.length,
    unfinished: waits.filter(({ untilMs }) => untilMs === null).length,
    meanWaitHours: waitHours.reduce((sum, hours) => sum + hours, 0) / Math.max(1, waitHours.length),
    p95WaitHours: waitHours.length === 0 ? 0 : percentile(waitHours, 0.95),
    startedInClinicHours: releases.filter(({ startMs }) => isClinicTime(week.local.at(startMs))).length,
    inClinicHours: releases.filter((release) => overlapMs(release, clinic, week) > 0).length,
    outsideWindow: outsideWindow(releases, config.apps),
    withoutConsent: releases.filter(({ risk, approved }) => risk >= config.policy.risk.high && !approved).length,
    outOfOrder: releases.filter(({ inOrder }) => !inOrder).length,
    riskExposureHours: releases.reduce((sum, one) => sum + (one.risk * overlapMs(one, sensitive, week)) / hourMs, 0),
    peakR: peakOf(releases),
  };
}

/**
 * Nothing that depends on the application was released from its failure to its
 * recovery, and it was itself not tried again within an hour more often than
 * the policy's back-off allows.
 */
function isContained(failure: ReleaseRecord, releases: readonly ReleaseRecord[], { config }: Scene): boolean {
  const { apps, policy } = config;
  const dependents = new Set(apps.filter(({ dependsOn }) => dependsOn.includes(failure.app)).map(({ name }) => name));
  const untilMs = failure.recoveredMs ?? Infinity;
  const after = releases.filter(({ startMs }) => startMs >= failure.endMs && startMs < untilMs);
  const tries = after.filter(({ app, startMs }) => app === failure.app && startMs < failure.endMs + hourMs);
  return !after.some(({ app }) => dependents.has(app)) && tries.length <= triesAnHour(policy.rollout);
}

function triesAnHour({ backoffFirstMs, backoffMaxMs }: { backoffFirstMs: number; backoffMaxMs: number }): number {
  let tries = 0;
  for (let atMs = backoffFirstMs, waitMs = backoffFirstMs; atMs <= hourMs; tries += 1) {
    waitMs = Math.min(backoffMaxMs, waitMs * 2);
    atMs += waitMs;
  }
  return tries;
}

function clinicTicks(week: Week): Uint8Array {
  return Uint8Array.from({ length: week.ticks }, (_, tick) =>
    isClinicTime(week.local.at(week.startMs + tick * week.tickMs)) ? 1 : 0,
  );
}

/** How much of a release fell on marked ticks. */
function overlapMs({ startMs, endMs }: ReleaseRecord, marked: Uint8Array, { startMs: weekMs, tickMs }: Week): number {
  let sum = 0;
  for (let tick = Math.floor((startMs - weekMs) / tickMs); weekMs + tick * tickMs < endMs; tick += 1) {
    const fromMs = weekMs + tick * tickMs;
    if (marked[tick] === 1) sum += Math.min(endMs, fromMs + tickMs) - Math.max(startMs, fromMs);
  }
  return sum;
}

function outsideWindow(releases: readonly ReleaseRecord[], apps: readonly AppPolicy[]): number {
  const openings = new Openings();
  const calendars = new Map(apps.map(({ name, calendar }) => [name, calendar]));
  return releases.filter(({ app, startMs }) => {
    const calendar = calendars.get(app);
    return calendar !== undefined && !openings.isOpen(calendar, startMs);
  }).length;
}

function peakOf(releases: readonly ReleaseRecord[]): number {
  const steps = releases.flatMap(({ startMs, endMs, r }) => [
    { atMs: startMs, r },
    { atMs: endMs, r: -r },
  ]);
  let now = 0;
  let peak = 0;
  for (const { r } of steps.toSorted((one, other) => one.atMs - other.atMs || one.r - other.r)) {
    now += r;
    peak = Math.max(peak, now);
  }
  return peak;
}

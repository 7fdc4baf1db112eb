import type { RememberPolicy } from "./policy.ts";

/** What is known of how a container of a workload uses CPU. */
export interface HistoryFacts {
  /** First moment that was watched; null: none was. */
  readonly sinceMs: number | null;
  /** The use that most minutes did not exceed; null: nothing is known. */
  readonly levelMilli: number | null;
  /** Minutes that were watched, older ones counting less. */
  watchedMinutes(nowMs: number): number;
  /** The highest level of these hours of the week; null: not known. */
  weekLevelMilli(fromMs: number, toMs: number): number | null;
}

/** One container now. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly declaredMilli: number;
  /** The highest need of some seconds within the last minutes. */
  readonly secondsMilli: number;
  /** The highest need of a whole minute within the last minutes. */
  readonly minuteMilli: number;
}

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;

/**
 * The request a container needs, the highest of these:
 *
 * - its habit, as far as it is trusted: declared + trust · (habit − declared),
 *   where habit is a percentile of its minutes and a margin. Who has been
 *   watched for less than an hour keeps what was declared, whichever way its
 *   first minutes point; then it is lent, or more is asked, in proportion.
 * - what this hour of the week needs, and the hour that begins within ten
 *   minutes, once a week is known: a peak that comes once a day is beyond the
 *   percentile, and a raise that waits for it comes too late.
 * - what it needed in the last minutes. What was declared comes back in seconds;
 *   more than that is a promise nobody asked for, and must last a minute.
 * - declared / overbook. A scheduler fits declared requests into what others'
 *   requests leave of a node. While each of them is at least this, all that was
 *   declared on a node adds up to at most overbook × allocatable.
 *
 * @returns millicores; null: nothing is known of it
 */
export function requestNeed(history: HistoryFacts, now: Moment, policy: RememberPolicy): number | null {
  if (history.levelMilli === null) return null;
  const { declaredMilli } = now;
  const habitMilli = history.levelMilli * (1 + policy.margin);
  const trust = trustIn(history.watchedMinutes(now.nowMs), policy);
  return Math.max(
    declaredMilli + trust * (habitMilli - declaredMilli),
    comingMilli(history, now.nowMs, policy),
    recentMilli(now),
    declaredMilli / policy.overbook,
  );
}

/** What it has needed lately, whatever its history says. */
export function recentMilli({ declaredMilli, secondsMilli, minuteMilli }: Omit<Moment, "nowMs">): number {
  return Math.max(minuteMilli, Math.min(declaredMilli, secondsMilli));
}

/**
 * How far a habit counts, from 0 to 1. A histogram that is fed without a pause
 * tends to memory / ln 2 minutes and has half of that after one memory. Full
 * trust asks for that half, so that who has been away for long, or runs some
 * minutes a day, is trusted as far as what is left of it.
 */
export function trustIn(watchedMinutes: number, { memoryMs, leastWatchedMinutes }: RememberPolicy): number {
  const fullMinutes = memoryMs / minuteMs / Math.LN2 / 2;
  const leastMinutes = Math.min(leastWatchedMinutes, fullMinutes / 2);
  return Math.min(1, Math.max(0, (watchedMinutes - leastMinutes) / (fullMinutes - leastMinutes)));
}

/** What this hour of the week needs, and the one that begins before long; 0 while no week is known. */
export function comingMilli(history: HistoryFacts, nowMs: number, policy: RememberPolicy): number {
  if (history.sinceMs === null || nowMs - history.sinceMs < weekMs) return 0;
  return (history.weekLevelMilli(nowMs, nowMs + policy.aheadMs) ?? 0) * (1 + policy.margin);
}

import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision, Target } from "../decide/snapshot.ts";
import { type Refusal, standingRefusal } from "../act/memory.ts";
import type { Bound } from "../act/breach.ts";
import type { ResizeLog } from "../act/log.ts";
import type { Verdict } from "../act/verdict.ts";
import type { PodOutcome } from "./result.ts";

/** All that a record tells of a pod's round, as it comes: to see cheaply that it would tell the same again. */
export interface Saying {
  readonly outcome: PodOutcome;
  readonly refusal: Refusal | null;
  readonly targets: readonly Target[];
  /** Prices, credit and ration, which move all the time. */
  readonly numbers: readonly number[];
  readonly atMs: number;
}

/** What would be told of a pod now. */
export function sayingOf(outcome: PodOutcome, decision: NodeDecision, log: ResizeLog, nowMs: number): Saying {
  const { uid } = outcome.managed.pod;
  const { limitPrice, requestPrice, credits } = decision;
  return {
    outcome,
    refusal: standingRefusal(log.of(uid), nowMs),
    targets: targetsOf(decision, uid),
    numbers: [limitPrice, requestPrice, credits.get(uid) ?? 0, outcome.ration?.rationMilli ?? 0],
    atMs: nowMs,
  };
}

/** Whether what was told still holds but for its numbers. */
export function saysSame(before: Saying, now: Saying): boolean {
  const [then, { managed, verdict, waiting, bound, resize }] = [before.outcome, now.outcome];
  if (then.managed !== managed || resize !== null || then.waiting !== waiting) return false;
  if (!isSameVerdict(then.verdict, verdict) || !isSameBound(then.bound, bound)) return false;
  return before.refusal?.untilMs === now.refusal?.untilMs && areBoundAlike(before.targets, now.targets);
}

/** How often a number that moves all the time is told at most, and by which share of the larger value it must have moved. */
interface Telling {
  readonly everyMs: number;
  readonly share: number;
}

const price: Telling = { everyMs: 10_000, share: 0.2 };
/** It grows for minutes on end, of every pod; it is on record for who comes after a restart. */
const credit: Telling = { everyMs: 300_000, share: 0.5 };

/** In the order of a record's numbers: two prices, the credit, the ration. */
const tellings: readonly Telling[] = [price, price, credit, price];

/** Whether a number is worth telling again. @param elapsedMs since they were told */
export function areNews(before: readonly number[], now: readonly number[], elapsedMs: number): boolean {
  return tellings.some(({ everyMs, share }, at) => {
    const [was, is] = [before[at] ?? 0, now[at] ?? 0];
    return elapsedMs >= everyMs && Math.abs(is - was) > share * Math.max(Math.abs(was), Math.abs(is));
  });
}

function isSameBound(one: Bound | null, other: Bound | null): boolean {
  return one?.message === other?.message;
}

function isSameVerdict(one: Verdict, other: Verdict): boolean {
  return one.kind === other.kind && ("message" in one ? one.message : "") === ("message" in other ? other.message : "");
}

function areBoundAlike(some: readonly Target[], others: readonly Target[]): boolean {
  return some.length === others.length && some.every((one, at) => isBoundAs(one, others[at]));
}

function isBoundAs(one: Target, other: Target | undefined): boolean {
  return one.binding === other?.binding && (one.rationMilli === null) === (other.rationMilli === null);
}

import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision, Target } from "../decide/snapshot.ts";
import { standingRefusal } from "../act/memory.ts";
import type { ResizeLog } from "../act/log.ts";
import type { Verdict } from "../act/verdict.ts";
import type { PodOutcome } from "./result.ts";

/** All that a record tells of a pod's round, as it comes: to see cheaply that it would tell the same again. */
export interface Saying extends Pick<PodOutcome, "managed" | "verdict" | "waiting"> {
  readonly isResized: boolean;
  /** null: nothing keeps it from having what it is to have. */
  readonly bound: string | null;
  /** null: nothing is refused. */
  readonly refusedUntilMs: number | null;
  /** What its containers are bound by. */
  readonly bindings: string;
  /** Prices, credit and ration, which move all the time. */
  readonly numbers: readonly number[];
  readonly atMs: number;
}

/** What would be told of a pod now. */
export function sayingOf(outcome: PodOutcome, decision: NodeDecision, log: ResizeLog, nowMs: number): Saying {
  const { managed, verdict, waiting, resize, bound, ration } = outcome;
  const { uid } = managed.pod;
  const { limitPrice, requestPrice, credits } = decision;
  return {
    managed,
    verdict,
    waiting,
    isResized: resize !== null,
    bound: bound?.message ?? null,
    refusedUntilMs: standingRefusal(log.of(uid), nowMs)?.untilMs ?? null,
    bindings: bindingsOf(targetsOf(decision, uid)),
    numbers: [limitPrice, requestPrice, credits.get(uid) ?? 0, ration?.rationMilli ?? 0],
    atMs: nowMs,
  };
}

/** Whether what was told still holds but for its numbers. */
export function saysSame(before: Saying, now: Saying): boolean {
  if (before.managed !== now.managed || now.isResized || before.waiting !== now.waiting) return false;
  if (!isSameVerdict(before.verdict, now.verdict) || before.bound !== now.bound) return false;
  return before.refusedUntilMs === now.refusedUntilMs && before.bindings === now.bindings;
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

function isSameVerdict(one: Verdict, other: Verdict): boolean {
  return one.kind === other.kind && ("message" in one ? one.message : "") === ("message" in other ? other.message : "");
}

function bindingsOf(targets: readonly Target[]): string {
  return targets.map(({ binding, rationMilli }) => (rationMilli === null ? binding : `${binding} rationed`)).join(" ");
}

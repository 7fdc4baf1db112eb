import { type BenchRow, percentile } from "@walras/kit/bench";

import { type Group, groupNames, groups, type Window } from "./fleet.ts";
import type { Operation } from "./operations.ts";
import { type Request, waits } from "./requests.ts";

/** What was done when, wall milliseconds. */
export interface Moments extends Window {
  /** The command had returned. */
  readonly frozenMs: number;
  /** The command that lifts it was begun, and had returned. */
  readonly unfreezingMs: number;
  readonly unfrozenMs: number;
}

/** What Argo CD has recorded. */
export interface Recorded {
  readonly operations: readonly Operation[];
  /** What CARLA has asked for. */
  readonly requests: readonly Request[];
  /** The most at one time, by group. */
  readonly atOnce: Readonly<Record<Group, number>>;
  readonly applications: number;
}

/** Times are the latest that whole seconds allow: what Argo CD writes may have been up to a second later. */
export interface Measured {
  readonly toFirstSeconds: number;
  /** Until the last operation that began in the freeze; 0: none did. */
  readonly toFreezeSeconds: number;
  readonly toThawSeconds: number;
  readonly outside: number;
  /** Under way when the freeze was asked for, and how many of these did not succeed. */
  readonly underWay: number;
  readonly cutShort: number;
  readonly released: number;
  /** From the request to the operation, of all but a tenth and a hundredth. */
  readonly waitSeconds: { readonly p90: number; readonly p99: number };
  readonly openSeconds: number;
  readonly atOnce: Readonly<Record<Group, number>>;
  readonly overBudget: number;
}

const goals = { toFirstSeconds: 5, toFreezeSeconds: 2 } as const;
const resolutionMs = 1000;

/** @throws Error where the run says nothing: nothing began, or nothing was left to be held back */
export function measure({ operations, requests, atOnce, applications }: Recorded, moments: Moments): Measured {
  const { opensMs, closesMs, frozenMs, unfreezingMs, unfrozenMs } = moments;
  const thawedMs = wholeSecond(unfreezingMs);
  const between = (fromMs: number, untilMs: number): Operation[] =>
    operations.filter(({ startedMs }) => startedMs >= fromMs && startedMs < untilMs);
  const waited = waits(requests, operations);
  const released = succeeded(operations).length;
  if (released >= applications) throw new Error(`all ${applications} were released: nothing was left to be held back`);
  const underWay = operations.filter((one) => one.startedMs <= frozenMs && endsAfter(one, frozenMs));
  return {
    toFirstSeconds: secondsUntil(first("opening", between(opensMs, frozenMs)), opensMs),
    toFreezeSeconds: Math.max(0, ...between(wholeSecond(frozenMs), thawedMs).map((one) => secondsUntil(one, frozenMs))),
    toThawSeconds: secondsUntil(first("unfreezing", between(thawedMs, closesMs)), unfrozenMs),
    outside: operations.length - between(opensMs, closesMs).length,
    underWay: underWay.length,
    cutShort: underWay.length - succeeded(underWay).length,
    released,
    waitSeconds: { p90: percentile(waited, 0.9), p99: percentile(waited, 0.99) },
    openSeconds: (closesMs - opensMs - (unfrozenMs - frozenMs)) / 1000,
    atOnce,
    overBudget: groupNames.filter((group) => atOnce[group] > groups[group]).length,
  };
}

export function rowsOf(measured: Measured, applications: number): readonly BenchRow[] {
  const { released, openSeconds, atOnce, waitSeconds } = measured;
  return [
    row("Applications", applications),
    row("opening to the first operation, s", measured.toFirstSeconds, goals.toFirstSeconds),
    row("freeze to the last operation, s", measured.toFreezeSeconds, goals.toFreezeSeconds),
    row("unfreeze to the first operation, s", measured.toThawSeconds),
    row("operations outside of the window", measured.outside, 0),
    row("under way at the freeze", measured.underWay),
    row("of these not finished well", measured.cutShort, 0),
    ...groupNames.map((group) => row(`at one time, group ${group}`, atOnce[group], groups[group])),
    row("asked until begun, 90 %, s", waitSeconds.p90),
    row("asked until begun, 99 %, s", waitSeconds.p99),
    row("released", released),
    row("seconds open and not frozen", openSeconds),
    row("released a second", released / openSeconds),
  ];
}

export function ratiosOf(measured: Measured): Readonly<Record<string, number>> {
  const { toFirstSeconds, toFreezeSeconds, outside, overBudget, cutShort } = measured;
  return {
    firstAgainstGoal: toFirstSeconds / goals.toFirstSeconds,
    freezeAgainstGoal: toFreezeSeconds / goals.toFreezeSeconds,
    outside,
    overBudget,
    cutShort,
  };
}

function row(what: string, measured: number, most?: number): BenchRow {
  return { what, measured: Number(measured.toFixed(2)), "at most": most ?? "" };
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / resolutionMs) * resolutionMs;
}

function succeeded(operations: readonly Operation[]): Operation[] {
  return operations.filter(({ phase }) => phase === "Succeeded");
}

function endsAfter({ finishedMs }: Operation, ms: number): boolean {
  return finishedMs === null || finishedMs + resolutionMs > ms;
}

function first(after: string, operations: readonly Operation[]): Operation {
  const [earliest] = operations.toSorted((one, other) => one.startedMs - other.startedMs);
  if (earliest === undefined) throw new Error(`no operation began after the ${after}`);
  return earliest;
}

/** Not below zero: what a command brought about may have begun before it returned. */
function secondsUntil({ startedMs }: Operation, sinceMs: number): number {
  return Math.max(0, startedMs + resolutionMs - sinceMs) / 1000;
}

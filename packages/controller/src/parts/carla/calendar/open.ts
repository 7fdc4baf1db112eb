import type { Calendar, Opening } from "./calendar.ts";
import { describeBlock, describeWindow } from "./describe.ts";
import { covers, horizonDays, merged, type Span, type CausedSpan, spansAround } from "./spans.ts";

const horizonMs = horizonDays * 86_400_000;

/**
 * Whether a calendar is open at a moment, why, and for how long this stays so.
 *
 * @param nowMs since the epoch
 */
export function openingAt(calendar: Calendar, nowMs: number): Opening {
  const { allowed, blocked } = spansAround(calendar, nowMs);
  const block = lastCovering(blocked, nowMs);
  const allowance = lastCovering(allowed, nowMs);
  const open = block === undefined && allowance !== undefined;
  const changesMs = open ? closesAt(allowed, blocked, nowMs) : opensAt(allowed, blocked, nowMs);
  const untilMs = changesMs !== null && changesMs - nowMs <= horizonMs ? changesMs : null;
  return { open, reason: reasonOf(calendar, { block, allowance }), untilMs };
}

/** When a calendar is open between two moments no further apart than its horizon, in order. */
export function openSpans(calendar: Calendar, fromMs: number, untilMs: number): Span[] {
  const { allowed, blocked } = spansAround(calendar, fromMs);
  const blocks = merged(blocked);
  return merged(allowed)
    .flatMap((allowance) => without(allowance, blocks))
    .map((span) => ({ fromMs: Math.max(fromMs, span.fromMs), untilMs: Math.min(untilMs, span.untilMs) }))
    .filter((span) => span.fromMs < span.untilMs);
}

/** What of a span blocks leave. @param blocks merged */
function without({ fromMs, untilMs }: Span, blocks: readonly Span[]): Span[] {
  const left: Span[] = [];
  let at = fromMs;
  for (const block of blocks) {
    if (block.untilMs <= at || block.fromMs >= untilMs) continue;
    left.push({ fromMs: at, untilMs: block.fromMs });
    at = block.untilMs;
  }
  left.push({ fromMs: at, untilMs });
  return left.filter((span) => span.fromMs < span.untilMs);
}

/** When a calendar that is closed was open last, since the epoch; null: not since yesterday. */
export function closedSince(calendar: Calendar, nowMs: number): number | null {
  const { allowed, blocked } = spansAround(calendar, nowMs);
  const blocks = merged(blocked);
  const ends = merged(allowed)
    .filter(({ fromMs }) => fromMs <= nowMs)
    .flatMap((allowance) => openEnds(allowance, blocks))
    .filter((endMs) => endMs <= nowMs);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Where an allowance ends, and where blocks interrupt it. */
function openEnds(allowance: Span, blocks: readonly Span[]): number[] {
  const isOpenBefore = (endMs: number): boolean =>
    allowance.fromMs < endMs && !blocks.some(({ fromMs, untilMs }) => fromMs < endMs && endMs <= untilMs);
  const starts = blocks.map(({ fromMs }) => fromMs).filter((fromMs) => fromMs <= allowance.untilMs);
  return [allowance.untilMs, ...starts].filter(isOpenBefore);
}

function reasonOf(
  calendar: Calendar,
  now: { block: CausedSpan | undefined; allowance: CausedSpan | undefined },
): string {
  if (now.block) return describeBlock(now.block);
  if (now.allowance) return `in ${describeWindow(now.allowance)}`;
  return calendar.allow.length === 0 ? "no window ever allows releases" : "outside every window";
}

/** Of those around a moment the one that lasts longest. */
function lastCovering(spans: readonly CausedSpan[], atMs: number): CausedSpan | undefined {
  let last: CausedSpan | undefined;
  for (const span of spans) {
    if (covers(span, atMs) && (!last || span.untilMs > last.untilMs)) last = span;
  }
  return last;
}

function closesAt(allowed: readonly Span[], blocked: readonly Span[], nowMs: number): number | null {
  const allowance = merged(allowed).find((span) => covers(span, nowMs));
  const block = merged(blocked).find(({ fromMs }) => fromMs > nowMs);
  return allowance ? Math.min(allowance.untilMs, block?.fromMs ?? Infinity) : null;
}

function opensAt(allowed: readonly Span[], blocked: readonly Span[], nowMs: number): number | null {
  const blocks = merged(blocked);
  for (const { fromMs, untilMs } of merged(allowed)) {
    const earliestMs = Math.max(fromMs, nowMs);
    const freeMs = blocks.find((block) => covers(block, earliestMs))?.untilMs ?? earliestMs;
    if (freeMs < untilMs) return freeMs;
  }
  return null;
}

import type { HeldApp, ReleaseDecision, Score } from "../decide/decision.ts";

/** A decision as JSON, for commands and over HTTP. */
export interface Answer {
  readonly at: string;
  readonly allowedWindow: boolean;
  readonly headroom: number | null;
  readonly reason: string;
  readonly selected: readonly string[];
  /** nextOpen: of what a window or a freeze holds, when it may go; null: not within a year, or nobody knows. */
  readonly held: Readonly<
    Record<
      string,
      { readonly reason: string; readonly detail: string; readonly score: number; readonly nextOpen?: string | null }
    >
  >;
  readonly rmaxUsed: number;
  /** What each score is made of. */
  readonly scores: Readonly<Record<string, Score & { readonly riskLevel: number; readonly r: number }>>;
}

/** Numbers to four decimals: the fifth decides nothing. */
export function answerOf(decision: ReleaseDecision): Answer {
  const { nowMs, allowedWindow, headroom, reason, selected, held, rmaxUsed } = decision;
  return {
    at: new Date(nowMs).toISOString(),
    allowedWindow,
    headroom: headroom === null ? null : rounded(headroom),
    reason,
    selected: selected.map(({ name }) => name),
    held: Object.fromEntries(held.map((app) => [app.name, heldAnswer(app)])),
    rmaxUsed: rounded(rmaxUsed),
    scores: Object.fromEntries(
      [...selected, ...held].map(({ name, score, risk, r }) => [
        name,
        { ...roundedScore(score), riskLevel: rounded(risk), r },
      ]),
    ),
  };
}

function heldAnswer({ reason, detail, score, nextOpenMs }: HeldApp): Answer["held"][string] {
  const answer = { reason, detail, score: rounded(score.total) };
  if (nextOpenMs === undefined) return answer;
  return { ...answer, nextOpen: nextOpenMs === null ? null : new Date(nextOpenMs).toISOString() };
}

function roundedScore({ depth, inverseResource, risk, window, wait, total }: Score): Score {
  return {
    depth: rounded(depth),
    inverseResource: rounded(inverseResource),
    risk: rounded(risk),
    window: rounded(window),
    wait: rounded(wait),
    total: rounded(total),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4 + 0;
}

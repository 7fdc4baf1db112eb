import type { Opening } from "../calendar/calendar.ts";
import type { ReleaseDecision } from "../decide/decision.ts";
import type { Usage } from "../decide/snapshot.ts";
import type { Release } from "../act/release.ts";
import { type Answer, answerOf } from "./answer.ts";

/** What /carla shows. */
export interface ReleaseView {
  /** null before the first tick. */
  readonly decision: Answer | null;
  readonly inFlight: readonly {
    readonly app: string;
    readonly release: string;
    readonly phase: string;
    readonly revisions: readonly string[];
    readonly since: string;
    readonly rollback: boolean;
  }[];
  readonly window: { readonly open: boolean; readonly reason: string; readonly until: string | null };
  readonly usage: Usage & { readonly source: string | null; readonly detail: string };
  /** What is wrong with the configuration that was read last; the one before is in force. */
  readonly configError: string | null;
}

export function releaseView(state: {
  readonly decision: ReleaseDecision | null;
  readonly releases: readonly Release[];
  readonly opening: Opening;
  readonly usage: ReleaseView["usage"];
  readonly configError: string | null;
}): ReleaseView {
  const { decision, releases, opening, usage, configError } = state;
  return {
    decision: decision && answerOf(decision),
    inFlight: releases.map(({ app, id, phase, revisions, startedAtMs, rollback }) => ({
      app,
      release: id,
      phase,
      revisions,
      since: new Date(startedAtMs).toISOString(),
      rollback,
    })),
    window: {
      open: opening.open,
      reason: opening.reason,
      until: opening.untilMs === null ? null : new Date(opening.untilMs).toISOString(),
    },
    usage,
    configError,
  };
}

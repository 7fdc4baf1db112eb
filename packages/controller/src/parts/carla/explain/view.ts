import { type OverrideState, timesOf } from "../config/consent.ts";
import type { Opening } from "../calendar/calendar.ts";
import type { Freeze } from "../config/policy.ts";
import type { ReleaseDecision } from "../decide/decision.ts";
import type { Queue } from "../decide/queue.ts";
import type { Usage } from "../decide/snapshot.ts";
import type { Release } from "../act/release.ts";
import { type Answer, answerOf } from "./answer.ts";
import type { NamedOverride } from "./events.ts";

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
  /** What Argo CD has been asked for and has not begun, how much of that there may be, and how long one has waited of late. */
  readonly queue: { readonly notBegun: number; readonly most: number; readonly waitSeconds: number };
  readonly window: { readonly open: boolean; readonly reason: string; readonly until: string | null };
  readonly usage: Usage & { readonly source: string | null; readonly detail: string };
  /** What the override file says; null: nothing. */
  readonly override: {
    readonly state: OverrideState["kind"];
    readonly from: string | null;
    readonly until: string | null;
    readonly detail: string;
    readonly file: string;
  } | null;
  /** Freezes in force or announced; null: not known. */
  readonly freezes:
    | readonly {
        readonly from: string;
        readonly until: string | null;
        readonly except: readonly string[];
        readonly inFlight: string;
        readonly by: string;
      }[]
    | null;
  /** Why freezes are not known or not looked at; null: they are. */
  readonly freezeTrouble: string | null;
  /** Of the last decision: what was selected and not synced, and why. */
  readonly notSynced: Readonly<Record<string, string>>;
  /** What is wrong with the configuration that was read last; the one before is in force. */
  readonly configError: string | null;
}

export function releaseView(state: {
  readonly decision: ReleaseDecision | null;
  readonly releases: readonly Release[];
  readonly queue: Queue;
  readonly opening: Opening;
  readonly usage: ReleaseView["usage"];
  readonly configError: string | null;
  readonly override: NamedOverride;
  readonly freezes: readonly Freeze[] | null;
  readonly freezeTrouble: string | null;
  readonly notSynced: ReadonlyMap<string, string>;
}): ReleaseView {
  const { decision, releases, queue, opening, usage, configError, override, freezes, freezeTrouble, notSynced } = state;
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
    queue: { notBegun: queue.notBegun, most: queue.most, waitSeconds: Math.round(queue.waitMs / 100) / 10 },
    window: {
      open: opening.open,
      reason: opening.reason,
      until: opening.untilMs === null ? null : new Date(opening.untilMs).toISOString(),
    },
    usage,
    override: overrideView(override),
    freezes: freezes && freezes.map(freezeAnswer),
    freezeTrouble,
    notSynced: Object.fromEntries(notSynced),
    configError,
  };
}

function overrideView({ kind, detail, file, ...times }: NamedOverride): ReleaseView["override"] {
  return kind === "none" ? null : { state: kind, ...timesOf(times), detail, file };
}

function freezeAnswer({ fromMs, untilMs, except, inFlight, by }: Freeze): NonNullable<ReleaseView["freezes"]>[number] {
  const time = (ms: number): string => new Date(ms).toISOString();
  return { from: time(fromMs), until: untilMs === null ? null : time(untilMs), except: [...except], inFlight, by };
}

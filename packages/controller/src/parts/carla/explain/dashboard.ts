import type { DashboardReleases, QueuedRelease } from "@walras/api";

import type { Calendar, Opening } from "../calendar/calendar.ts";
import { openSpans } from "../calendar/open.ts";
import type { Freeze } from "../config/policy.ts";
import type { Release } from "../act/release.ts";
import type { AppDecision, HeldApp, ReleaseDecision } from "../decide/decision.ts";

/** What is known of releases now. */
export interface ReleasesNow {
  readonly nowMs: number;
  /** null before the first tick. */
  readonly decision: ReleaseDecision | null;
  readonly releases: readonly Release[];
  readonly calendar: Calendar;
  readonly opening: Opening;
  readonly usageSource: string | null;
  readonly freezes: readonly Freeze[] | null;
  readonly freezeTrouble: string | null;
  /** Of what was selected and not synced, why. */
  readonly notSynced: ReadonlyMap<string, string>;
  readonly configError: string | null;
}

const shownDays = 7;

/** The queue on the clinic calendar, for the dashboard. */
export function releasesOf(now: ReleasesNow): DashboardReleases {
  const { decision, calendar, opening, freezes, freezeTrouble, configError, nowMs } = now;
  return {
    atMs: decision?.nowMs ?? null,
    window: { open: opening.open, reason: opening.reason, untilMs: opening.untilMs },
    zone: calendar.zone,
    calendar: openSpans(calendar, nowMs, nowMs + shownDays * 86_400_000),
    freezes:
      freezes && freezes.map(({ fromMs, untilMs, except, by }) => ({ fromMs, untilMs, except: [...except], by })),
    freezeTrouble,
    headroom: decision?.headroom ?? null,
    headroomSource: now.usageSource,
    queue: decision === null ? [] : queueOf(decision, now.notSynced),
    inFlight: now.releases.map(({ app, id, phase, revisions, startedAtMs, rollback }) => ({
      app,
      release: id,
      phase,
      revisions: [...revisions],
      sinceMs: startedAtMs,
      rollback,
    })),
    configError,
  };
}

function queueOf({ selected, held }: ReleaseDecision, notSynced: ReadonlyMap<string, string>): QueuedRelease[] {
  const goes = selected.map((app) =>
    entryOf(app, {
      selected: true,
      reason: "selected",
      detail: notSynced.get(app.name) ?? "it goes in this round",
      nextOpenMs: null,
    }),
  );
  const waits = held.toSorted((one, other) => other.score.total - one.score.total).map(heldEntry);
  return [...goes, ...waits];
}

function heldEntry(app: HeldApp): QueuedRelease {
  const { reason, detail, nextOpenMs = null } = app;
  return entryOf(app, { selected: false, reason, detail, nextOpenMs });
}

function entryOf(
  { name, score, risk }: AppDecision,
  standing: Pick<QueuedRelease, "selected" | "reason" | "detail" | "nextOpenMs">,
): QueuedRelease {
  return { app: name, ...standing, score: { ...score }, riskLevel: risk };
}

import type { ApplicationState } from "../argocd/port.ts";
import { refOf } from "../config/named.ts";
import type { ReleaseConfig } from "../config/policy.ts";
import type { AppSnapshot, Change, ReleaseSnapshot, Usage } from "../decide/snapshot.ts";
import { readApproval } from "../act/approval.ts";
import { keyOf } from "../argocd/catalogue.ts";
import type { Applications } from "../act/ports.ts";
import { type Release, revisionKey } from "../act/release.ts";
import type { Tracks } from "../act/tracks.ts";
import type { Waiting } from "./waiting.ts";

/** What there is to know of pending changes. */
interface Changes {
  /** null: not read yet. */
  change(application: ApplicationState, revision: string | null): Change | null;
}

/** Where a snapshot comes from. */
export interface Sources {
  readonly applications: Applications;
  readonly releases: { release(app: string): Release | undefined };
  readonly tracks: Tracks;
  readonly waiting: Waiting;
  /** undefined: changes are not assessed. */
  readonly changes: Changes | undefined;
  readonly usage: () => Usage;
  /** Who approves everything high-risk now; null: nobody. */
  readonly override: () => string | null;
}

/** Everything a decision needs, from memory, at one moment. */
export function observe(
  config: ReleaseConfig,
  sources: Sources,
  at: { readonly nowMs: number; readonly lowHeadroomTicks: number },
): ReleaseSnapshot {
  const current = sources.applications.isCurrent();
  const apps = new Map<string, AppSnapshot>();
  for (const app of config.apps) {
    const key = keyOf(refOf(app, config));
    const application = current ? sources.applications.get(key) : undefined;
    if (application) apps.set(app.name, appSnapshot(key, application, { sources, nowMs: at.nowMs }));
  }
  return { ...at, usage: sources.usage(), override: sources.override() !== null, apps };
}

function appSnapshot(
  key: string,
  application: ApplicationState,
  { sources, nowMs }: { readonly sources: Sources; readonly nowMs: number },
): AppSnapshot {
  const { tracks, releases, waiting, changes } = sources;
  const revision = revisionKey(application.revisions);
  const inFlight = releases.release(key) !== undefined || isOperating(application);
  const pending = application.sync === "OutOfSync";
  return {
    sync: application.sync,
    health: application.health,
    revision,
    inFlight,
    autoSync: application.autoSync,
    deleting: application.deleting,
    pendingSinceMs: waiting.since(key, pending, nowMs),
    change: pending && !inFlight ? changes?.change(application, revision) : undefined,
    track: tracks.track(key, nowMs),
    approval: readApproval(application, nowMs).approval,
    expectedMs: tracks.averageMs(key),
  };
}

/** Somebody's operation counts like ours: it uses the same cluster. */
function isOperating({ operation, operationRequested }: ApplicationState): boolean {
  return operationRequested || operation?.phase === "Running" || operation?.phase === "Terminating";
}

import type { ApplicationState } from "../argocd/port.ts";
import { applicationsIn, refOf } from "../config/named.ts";
import type { Freeze, ReleaseConfig } from "../config/policy.ts";
import {
  type AppSnapshot,
  type Change,
  type Descendant,
  type ReleaseSnapshot,
  unknownApp,
  type Usage,
} from "../decide/snapshot.ts";
import type { Queue } from "../decide/queue.ts";
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
  /** Why it is not known what was released before; null: it is. */
  readonly unremembered: () => string | null;
  /** Freezes beside the policy's; null: not known. */
  readonly freezes: () => readonly Freeze[] | null;
  /** What Argo CD has yet to begin; absent: nobody watches that. */
  readonly queue?: () => Queue;
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
    else if (current) apps.set(app.name, { ...unknownApp, presence: sources.applications.presence(key) });
  }
  const { usage, override, unremembered, freezes, queue } = sources;
  const watched = queue ? { queue: queue() } : {};
  const around = { usage: usage(), override: override() !== null, unremembered: unremembered(), freezes: freezes() };
  return { ...at, ...around, ...watched, apps: withChildren(config, apps, sources.applications) };
}

/** What is depended on is known with what it manages in turn. */
function withChildren(
  config: ReleaseConfig,
  apps: ReadonlyMap<string, AppSnapshot>,
  applications: Applications,
): ReadonlyMap<string, AppSnapshot> {
  const needed = new Set(config.apps.flatMap(({ dependsOn }) => dependsOn));
  const families = config.apps.flatMap((app) => {
    const below = needed.has(app.name) ? applications.descendants(keyOf(refOf(app, config))) : [];
    return below.length === 0 ? [] : [{ name: app.name, below }];
  });
  if (families.length === 0) return apps;
  const meaning = applicationsIn(config);
  const snapshotOf = (application: ApplicationState): Descendant => {
    const [name = ""] = meaning(keyOf(application));
    const own = apps.get(name);
    return own ? { name, ...own } : foreignChild(application, config);
  };
  const known = new Map(apps);
  for (const { name, below } of families) {
    const app = apps.get(name);
    if (app) known.set(name, { ...app, descendants: below.map(snapshotOf) });
  }
  return known;
}

/** One that is in no apps.yaml: nothing is known of it but what Argo CD says. */
function foreignChild(application: ApplicationState, { policy }: ReleaseConfig): Descendant {
  const { namespace, sync, health } = application;
  const name = namespace === policy.argo.appNamespace ? application.name : keyOf(application);
  return { ...unknownApp, name, sync, health, inFlight: isOperating(application) };
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
  if (application.sync === "Synced") tracks.inSync(key, nowMs);
  return {
    presence: sources.applications.presence(key),
    sync: application.sync,
    health: application.health,
    revision,
    inFlight,
    autoSync: application.autoSync,
    deleting: application.deleting,
    labels: application.labels,
    clusters: application.clusters,
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

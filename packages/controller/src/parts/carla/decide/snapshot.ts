import type { Freeze } from "../config/policy.ts";
import type { Queue } from "./queue.ts";

/** As Argo CD names them. */
export const syncStatuses = ["Synced", "OutOfSync", "Unknown"] as const;
export type SyncStatus = (typeof syncStatuses)[number];

export const healthStatuses = ["Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"] as const;
export type HealthStatus = (typeof healthStatuses)[number];

/** How full the cluster is, as fractions of what is allocatable; null: unknown. */
export interface Usage {
  readonly cpu: number | null;
  readonly memory: number | null;
}

/** What is known of a pending change. */
export interface Change {
  /** Fields that differ, over all objects. */
  readonly changedFields: number;
  readonly objects: number;
  /** Kinds touched, sorted. */
  readonly kinds: readonly string[];
  /** Of the objects those that are live and no longer wanted; absent: none. */
  readonly prunes?: number;
}

/** A kind that stands for kinds that could not be read: it may be any. */
export const unknownKind = "(unknown)";

/** A person's consent to a high-risk release. */
export interface Approval {
  readonly by: string;
  readonly untilMs: number;
  /** Only this revision; null: whatever is pending. */
  readonly revision: string | null;
}

/** What the application's last releases came to. */
export interface Track {
  /** Failures that have not been followed by a success, newest last, wall milliseconds. */
  readonly failedAtMs: readonly number[];
  /** Not released before this; null: at any time. */
  readonly retryAtMs: number | null;
  /** Failed and rolled back: not released again. */
  readonly condemnedRevision: string | null;
  /** Released, healthy, and out of sync all the same; null: nothing is. */
  readonly settled: Settled | null;
}

/** A release that came to everything but being in sync. */
export interface Settled {
  readonly revision: string;
  /** What is no longer wanted was to be deleted with it. */
  readonly pruned: boolean;
}

/** One configured application at the moment of a decision. */
export interface AppSnapshot {
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** What would be released, joined by "+" where there are several sources; null: not known. */
  readonly revision: string | null;
  /** A release of it counts until it is healthy; a foreign operation until it ends. */
  readonly inFlight: boolean;
  /** Argo CD syncs it by itself. */
  readonly autoSync: boolean;
  readonly deleting: boolean;
  /** Since when the change waits, wall milliseconds; null: not pending, or just become so. */
  readonly pendingSinceMs: number | null;
  /** null: not known yet. Undefined where changes are not assessed. */
  readonly change: Change | null | undefined;
  readonly track: Track;
  readonly approval: Approval | null;
  /** Moving average of how long its releases took; null: it has had none. */
  readonly expectedMs: number | null;
  /** Absent: nothing has been heard, of it or of anybody. */
  readonly presence?: Presence;
  /** Of the Application; absent: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Names and addresses of where it is deployed to; absent: not known. */
  readonly clusters?: readonly string[];
  /** Applications that it manages, and those that they manage; where something depends on it. */
  readonly descendants?: readonly Descendant[];
}

/**
 * present: Argo CD tells how it is. hidden: Argo CD has told of all Applications
 * that it shows us, and not of this one. absent: the same, and it shows us all
 * there are. unreadable: what it tells cannot be understood.
 */
export type Presence = "present" | "hidden" | "absent" | "unreadable";

/** An Application below another one, by the name under which it is told of. */
export type Descendant = Pick<AppSnapshot, "sync" | "health" | "inFlight" | "revision" | "change" | "track"> & {
  readonly name: string;
};

/** Everything a decision is made from. Keys of `apps` are the names in apps.yaml; an absent one is Unknown. */
export interface ReleaseSnapshot {
  readonly nowMs: number;
  readonly usage: Usage;
  readonly apps: ReadonlyMap<string, AppSnapshot>;
  /** Ticks in a row, this one not counted, without the headroom that is required. */
  readonly lowHeadroomTicks: number;
  /** Everything high-risk is approved for now. */
  readonly override: boolean;
  /** Why it is not known what was released before; null or absent: it is. */
  readonly unremembered?: string | null;
  /** Freezes beside the policy's; null: not known. Absent: there are none. */
  readonly freezes?: readonly Freeze[] | null;
  /** What Argo CD has yet to begin; absent: nobody watches that. */
  readonly queue?: Queue;
}

export const untracked: Track = { failedAtMs: [], retryAtMs: null, condemnedRevision: null, settled: null };

/** What is known of an application that nobody has told of. */
export const unknownApp: AppSnapshot = {
  sync: "Unknown",
  health: "Unknown",
  revision: null,
  inFlight: false,
  autoSync: false,
  deleting: false,
  pendingSinceMs: null,
  change: undefined,
  track: untracked,
  approval: null,
  expectedMs: null,
};

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
}

/** Everything a decision is made from. Keys of `apps` are the names in apps.yaml; an absent one is Unknown. */
export interface ReleaseSnapshot {
  readonly nowMs: number;
  readonly usage: Usage;
  readonly apps: ReadonlyMap<string, AppSnapshot>;
  /** Ticks in a row, this one not counted, without the headroom that is required. */
  readonly lowHeadroomTicks: number;
  /** Everything high-risk is approved for now. */
  readonly override: boolean;
}

export const untracked: Track = { failedAtMs: [], retryAtMs: null, condemnedRevision: null };

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

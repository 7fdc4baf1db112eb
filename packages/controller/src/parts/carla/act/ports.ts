import type { ApplicationState } from "../argocd/port.ts";
import type { Presence } from "../decide/snapshot.ts";
import type { Outcome, Release } from "./release.ts";

/** What is known of Applications, from memory. */
export interface Applications {
  /** @param key "namespace/name" */
  get(key: string): ApplicationState | undefined;
  /** What an explicit read gave; older than what is known counts for nothing. */
  put(application: ApplicationState): void;
  /** Whether it is there, once everything has been heard of. */
  presence(key: string): Presence;
  /** Applications that it manages, and those that they manage in turn. */
  descendants(key: string): readonly ApplicationState[];
  /** False until everything has been heard of, and while nothing has been heard for too long. */
  isCurrent(): boolean;
}

/** Who is told of releases. */
export interface ReleaseObserver {
  asked(release: Release, approvedBy: string | null): void;
  /** Taken over from a process before this one. */
  adopted(release: Release): void;
  ended(release: Release, outcome: Outcome, tookMs: number): void;
  /** Argo CD would not, or could not be asked. */
  refused(app: string, message: string): void;
}

import type { ApplicationState } from "../argocd/port.ts";
import type { JournalEntry } from "./journal.ts";
import { doneRevisions, type Outcome, type Release } from "./release.ts";

/** A release that is over. */
export interface Ending {
  readonly release: Release;
  readonly outcome: Outcome;
  readonly tookMs: number;
  /** As last heard of; undefined: it is gone, or it never came to that. */
  readonly application: ApplicationState | undefined;
}

/** What the journal says of it. */
export function entryOf({ release, outcome, tookMs, application }: Ending, at: string): JournalEntry {
  const { app, id, rollback, prune } = release;
  const common = { at, app, id, revisions: [...doneRevisions(release, application)] };
  if (outcome.kind !== "succeeded") {
    const { kind, reason, message } = outcome;
    return { event: kind, ...common, reason, message };
  }
  return { event: "succeeded", ...common, seconds: tookMs / 1000, rollback, outOfSync: outcome.outOfSync, prune };
}

const mostEnded = 20_000;

/** Ids of releases that are over, the newest of them. */
export class EndedReleases {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= mostEnded) return;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }
}

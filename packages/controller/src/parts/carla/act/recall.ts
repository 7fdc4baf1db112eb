import type { RolloutPolicy } from "../config/policy.ts";
import type { JournalEntry } from "./journal.ts";
import { notFailures, revisionKey, settledBy } from "./release.ts";
import type { Tracks } from "./tracks.ts";

const endings: ReadonlySet<JournalEntry["event"]> = new Set(["succeeded", "failed", "withdrawn"]);

/**
 * What the journal tells of earlier processes, told to `tracks`.
 *
 * @param entries oldest first
 * @returns the ids of releases that are over
 */
export function recall(
  entries: readonly JournalEntry[],
  tracks: Tracks,
  policy: RolloutPolicy & { readonly rolloutAlpha: number },
): readonly string[] {
  for (const entry of entries) {
    if (entry.event === "succeeded" && !entry.rollback) recallSuccess(entry, tracks, policy.rolloutAlpha);
    if (entry.event === "failed" && !notFailures.has(entry.reason))
      tracks.failed(entry.app, Date.parse(entry.at), policy);
    if (entry.event === "condemned") tracks.condemned(entry.app, entry.revision, Date.parse(entry.at));
  }
  return entries.flatMap(({ event, id }) => (endings.has(event) ? [id] : []));
}

function recallSuccess(
  { app, at, seconds, revisions, outOfSync, prune }: Extract<JournalEntry, { event: "succeeded" }>,
  tracks: Tracks,
  alpha: number,
): void {
  const settled = settledBy({ outOfSync, revision: revisionKey(revisions), prune });
  tracks.succeeded(app, { tookMs: seconds * 1000, revisions, settled, atMs: Date.parse(at) }, alpha);
}

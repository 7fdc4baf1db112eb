import type { RolloutPolicy } from "../config/policy.ts";
import { type Track, untracked } from "../decide/snapshot.ts";

interface Record {
  track: Track;
  averageMs: number | null;
  lastHealthy: readonly string[];
}

/** Failures older than this are forgotten. */
const memoryMs = 14 * 24 * 3_600_000;
const mostFailures = 32;

/** What each application's releases came to: failures and their back-off, durations, the last good revisions. */
export class Tracks {
  readonly #records = new Map<string, Record>();

  /** As it counts at `nowMs` (wall). */
  track(app: string, nowMs: number): Track {
    const track = this.#records.get(app)?.track ?? untracked;
    const recent = track.failedAtMs.filter((atMs) => nowMs - atMs < memoryMs);
    return recent.length === track.failedAtMs.length ? track : { ...track, failedAtMs: recent };
  }

  /** Moving average of successful releases; null before the first. */
  averageMs(app: string): number | null {
    return this.#records.get(app)?.averageMs ?? null;
  }

  /** What was healthy last; empty: not known. */
  lastHealthy(app: string): readonly string[] {
    return this.#records.get(app)?.lastHealthy ?? [];
  }

  /** EMA: (1 − a)·before + a·now. A success forgives failures. */
  succeeded(
    app: string,
    release: { readonly tookMs: number; readonly revisions: readonly string[] },
    alpha: number,
  ): void {
    const record = this.#record(app);
    record.averageMs =
      record.averageMs === null ? release.tookMs : (1 - alpha) * record.averageMs + alpha * release.tookMs;
    record.track = { ...untracked, condemnedRevision: record.track.condemnedRevision };
    record.lastHealthy = release.revisions;
  }

  /** Each failure in a row doubles the wait before the next try. */
  failed(app: string, atMs: number, policy: Pick<RolloutPolicy, "backoffFirstMs" | "backoffMaxMs">): void {
    const record = this.#record(app);
    const failedAtMs = [...record.track.failedAtMs, atMs].slice(-mostFailures);
    const waitMs = Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** (failedAtMs.length - 1));
    record.track = { ...record.track, failedAtMs, retryAtMs: atMs + waitMs };
  }

  /** Refused for the moment by somebody else's rule: no failure, but no use in asking again at once. */
  postponed(app: string, untilMs: number): void {
    const record = this.#record(app);
    record.track = { ...record.track, retryAtMs: Math.max(untilMs, record.track.retryAtMs ?? 0) };
  }

  /** Rolled back: this revision is not released again. */
  condemned(app: string, revision: string | null): void {
    const record = this.#record(app);
    record.track = { ...record.track, condemnedRevision: revision };
  }

  #record(app: string): Record {
    let record = this.#records.get(app);
    if (!record) {
      record = { track: untracked, averageMs: null, lastHealthy: [] };
      this.#records.set(app, record);
    }
    return record;
  }
}

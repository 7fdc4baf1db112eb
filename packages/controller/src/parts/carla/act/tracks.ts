import type { RolloutPolicy } from "../config/policy.ts";
import { type Settled, type Track, untracked } from "../decide/snapshot.ts";

/** What is held against revisions of one application, and must outlive this process and its disk. */
export interface Verdict {
  /** "namespace/name". */
  readonly app: string;
  /** When it was last changed, wall milliseconds. */
  readonly atMs: number;
  readonly condemnedRevision: string | null;
  readonly settled: Settled | null;
}

interface Record {
  track: Track;
  averageMs: number | null;
  lastHealthy: readonly string[];
  /** When a revision was last condemned, settled or acquitted, wall milliseconds. */
  judgedAtMs: number;
}

/** A release that came to what it should. */
interface Success {
  readonly tookMs: number;
  readonly revisions: readonly string[];
  readonly settled: Settled | null;
  readonly atMs: number;
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

  /** Whether a release of that revision, begun then (wall milliseconds), has come to an end that is held against it. */
  isJudged(app: string, revision: string | null, begunAtMs: number): boolean {
    const record = this.#records.get(app);
    if (!record || revision === null || record.judgedAtMs < begunAtMs) return false;
    return [record.track.condemnedRevision, record.track.settled?.revision].includes(revision);
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
  succeeded(app: string, { tookMs, revisions, settled, atMs }: Success, alpha: number): void {
    const record = this.#record(app);
    record.averageMs = record.averageMs === null ? tookMs : (1 - alpha) * record.averageMs + alpha * tookMs;
    record.track = { ...untracked, condemnedRevision: record.track.condemnedRevision, settled: record.track.settled };
    record.lastHealthy = revisions;
    this.#judge(app, { settled }, atMs);
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
  condemned(app: string, revision: string | null, atMs: number): void {
    this.#judge(app, { condemnedRevision: revision }, atMs);
  }

  /** Argo CD calls it Synced: what is out of sync from now on has become so. */
  inSync(app: string, atMs: number): void {
    if (this.#records.get(app)?.track.settled) this.#judge(app, { settled: null }, atMs);
  }

  /** What an earlier process has kept; something newer is left as it is. */
  recall({ app, atMs, condemnedRevision, settled }: Verdict): void {
    if (atMs >= this.#record(app).judgedAtMs) this.#judge(app, { condemnedRevision, settled }, atMs);
  }

  /** What is held against revisions, oldest first; of more than `most` the newest. */
  verdicts(most: number): readonly Verdict[] {
    return [...this.#records]
      .map(
        ([
          app,
          {
            track: { condemnedRevision, settled },
            judgedAtMs,
          },
        ]) => ({
          app,
          atMs: judgedAtMs,
          condemnedRevision,
          settled,
        }),
      )
      .filter(({ condemnedRevision, settled }) => condemnedRevision !== null || settled !== null)
      .toSorted((one, other) => one.atMs - other.atMs || (one.app < other.app ? -1 : 1))
      .slice(-most);
  }

  #judge(app: string, verdict: Partial<Track>, atMs: number): void {
    const record = this.#record(app);
    const before = record.track;
    record.track = { ...before, ...verdict };
    const isSame = Object.entries(verdict).every(([key, value]) => before[key as keyof Track] === value);
    if (!isSame) record.judgedAtMs = Math.max(record.judgedAtMs, atMs);
  }

  #record(app: string): Record {
    let record = this.#records.get(app);
    if (!record) {
      record = { track: untracked, averageMs: null, lastHealthy: [], judgedAtMs: 0 };
      this.#records.set(app, record);
    }
    return record;
  }
}

import { DecayingHistogram, type HistogramState } from "./histogram.ts";
import type { HistoryFacts } from "./need.ts";
import type { RememberPolicy } from "./policy.ts";
import { WeekProfile } from "./week.ts";

/** A minute of one container, or most of one. */
export interface Minute {
  /** What it would have used in the mean, had nothing held it back. */
  readonly milli: number;
  /** How much of it was watched. */
  readonly minutes: number;
}

/** A history as it is written down. */
export interface HistoryState {
  readonly sinceMs: number;
  readonly histogram: HistogramState;
  readonly levels: Uint8Array;
}

const minuteMs = 60_000;

/** What a container of a workload has used, whichever pods it was in. */
export class ContainerHistory implements HistoryFacts {
  readonly #policy: RememberPolicy;
  readonly #histogram: DecayingHistogram;
  readonly #week: WeekProfile;
  #sinceMs: number | null;
  #learntMs: number;
  #levelMilli: number | null;

  constructor(policy: RememberPolicy, before?: HistoryState) {
    this.#policy = policy;
    this.#histogram = new DecayingHistogram(policy.memoryMs, before?.histogram);
    this.#week = new WeekProfile(before?.levels);
    this.#sinceMs = before?.sinceMs ?? null;
    this.#learntMs = before?.histogram.asOfMs ?? -Infinity;
    this.#levelMilli = this.#histogram.levelMilli(policy.percentile);
  }

  /** @param endMs when the minute ended, in milliseconds since the Unix epoch */
  learn({ milli, minutes }: Minute, endMs: number): void {
    // Of many pods' minutes at the same time only one is time that the workload was watched.
    const sinceLastMinutes = Math.max(0, endMs - this.#learntMs) / minuteMs;
    const spell = { minutes, watchedMinutes: Math.min(minutes, sinceLastMinutes), atMs: endMs };
    this.#histogram.fadeBy(this.#policy.memoryMs, endMs);
    this.#histogram.add(milli, spell);
    this.#week.add(milli, spell);
    this.#sinceMs ??= endMs - minutes * minuteMs;
    this.#learntMs = endMs;
    this.#levelMilli = this.#histogram.levelMilli(this.#policy.percentile);
  }

  get sinceMs(): number | null {
    return this.#sinceMs;
  }

  get levelMilli(): number | null {
    return this.#levelMilli;
  }

  watchedMinutes(nowMs: number): number {
    return this.#histogram.watchedMinutes(nowMs);
  }

  weekLevelMilli(fromMs: number, toMs: number): number | null {
    return this.#week.levelMilli(fromMs, toMs);
  }

  /** Grows with each hour of the week that said something new. */
  get weekRevision(): number {
    return this.#week.revision;
  }

  state(nowMs: number): HistoryState {
    return {
      sinceMs: this.#sinceMs ?? nowMs,
      histogram: this.#histogram.state(nowMs),
      levels: this.#week.levels(),
    };
  }
}

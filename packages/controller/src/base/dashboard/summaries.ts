import { type DashboardSummary, DeltaWriter, type SummaryDelta } from "@walras/api";
import { type Clock, describeError, type Logger, type Timer } from "@walras/kit";

import { dashboardLimits as limits } from "./limits.ts";

/** The summary as it is now, whatever was told before. */
export type SummaryNow = Omit<DashboardSummary, "kind" | "seq">;

interface SummariesOptions {
  readonly now: () => SummaryNow;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The summary for everybody: made once a second at most, and only while
 * somebody looks. All followers are told the same deltas, so that one text does for all.
 */
export class Summaries {
  readonly #options: SummariesOptions;
  readonly #followers = new Set<(delta: SummaryDelta) => void>();
  #writer: DeltaWriter | undefined;
  #seq = 0;
  #madeMs = -Infinity;
  #timer: Timer | undefined;

  constructor(options: SummariesOptions) {
    this.#options = options;
  }

  /** What a page begins with; all deltas from now on follow it. */
  whole(): DashboardSummary {
    this.#advance();
    if (!this.#writer) throw new Error("no summary was made");
    return this.#writer.whole();
  }

  /** @returns how to stop it */
  follow(listener: (delta: SummaryDelta) => void): () => void {
    this.#followers.add(listener);
    this.#schedule();
    return () => {
      this.#followers.delete(listener);
      if (this.#followers.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #advance(): void {
    const { clock, now } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#writer && nowMs - this.#madeMs < limits.summaryMs) return;
    const summary = now();
    this.#madeMs = nowMs;
    this.#seq += 1;
    if (this.#writer && this.#followers.size > 0) this.#tell(this.#writer.next(summary));
    // Nobody holds what was told before: all of it is told anew.
    else this.#writer = new DeltaWriter({ kind: "whole", seq: this.#seq, ...summary });
  }

  #tell(delta: SummaryDelta): void {
    for (const follower of this.#followers) follower(delta);
  }

  #schedule(): void {
    this.#timer ??= this.#options.clock.after(limits.summaryMs, () => {
      this.#timer = undefined;
      try {
        this.#advance();
      } catch (error) {
        this.#options.logger.error({ error: describeError(error) }, "dashboard summary failed");
      }
      if (this.#followers.size > 0) this.#schedule();
    });
  }
}

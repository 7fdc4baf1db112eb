import type { Logger } from "@walras/kit";

import type { ReleaseConfig, ReleasePolicy } from "../config/policy.ts";
import type { ReleaseDecision } from "../decide/decision.ts";
import type { ReleaseObserver } from "../act/ports.ts";
import { type Outcome, type Release, revisionKey } from "../act/release.ts";
import { CsvFile, decisionColumns, decisionRow, rolloutColumns, rolloutRow } from "./csv.ts";
import type { NamedOverride, ReleaseEvents } from "./events.ts";

/** Numbers about releases; the controller's metrics are behind it. */
export interface ReleaseMetrics {
  decided(decision: ReleaseDecision, tookMs: number): void;
  /** @param notSynced how many of the selected Argo CD was not asked for, or would not take */
  acted(decision: ReleaseDecision, notSynced: number): void;
  asked(): void;
  refused(): void;
  ended(outcome: Outcome, tookMs: number): void;
}

export interface SinkOptions {
  readonly policy: () => ReleasePolicy;
  readonly override: () => NamedOverride;
  /** How an application is told of, of which releases know the "namespace/name". */
  readonly toldAs: (key: string) => string;
  readonly events: ReleaseEvents;
  readonly metrics: ReleaseMetrics;
  readonly logger: Logger;
}

/** Tells what is decided and what becomes of it: log, CSV, Events, metrics, and the last decision to look at. */
export class ReleaseSinks implements ReleaseObserver {
  readonly #options: SinkOptions;
  readonly #decisions: CsvFile;
  readonly #rollouts: CsvFile;
  #last: ReleaseDecision | null = null;
  #notSynced: ReadonlyMap<string, string> = new Map();
  #said = "";

  constructor(options: SinkOptions) {
    const { policy, logger } = options;
    this.#options = options;
    this.#decisions = new CsvFile(() => policy().decisionsCsv, decisionColumns, logger);
    this.#rollouts = new CsvFile(() => policy().rolloutsCsv, rolloutColumns, logger);
  }

  /** null before the first tick. */
  get lastDecision(): ReleaseDecision | null {
    return this.#last;
  }

  /** Of the last decision: what was selected and not synced, and why. */
  get notSynced(): ReadonlyMap<string, string> {
    return this.#notSynced;
  }

  decided = (decision: ReleaseDecision, tookMs: number): void => {
    this.#last = decision;
    this.#notSynced = new Map();
    this.#options.events.decided(decision);
    this.#options.events.overridden(decision, this.#options.policy().risk.high, this.#options.override());
    this.#options.metrics.decided(decision, tookMs);
    this.#log(decision, tookMs);
  };

  /** Rows and counts are of what was done. */
  acted = (decision: ReleaseDecision, { policy }: ReleaseConfig, notSynced: ReadonlyMap<string, string>): void => {
    if (this.#last === decision) this.#notSynced = notSynced;
    this.#decisions.append(decisionRow(decision, policy, notSynced));
    this.#options.metrics.acted(decision, notSynced.size);
  };

  dropped = (app: string, reason: string): void => {
    this.#options.logger.warn({ app, reason }, "not released after all");
  };

  invalid = (app: string, message: string): void => this.#options.events.invalid(app, message);

  asked: ReleaseObserver["asked"] = (asked, approvedBy) => {
    const { events, metrics, logger } = this.#options;
    const release = this.#told(asked);
    events.asked(release, approvedBy);
    metrics.asked();
    const { app, id, revisions, rollback } = release;
    logger.info({ app, release: id, revision: revisionKey(revisions), rollback, approvedBy }, "release started");
  };

  adopted: ReleaseObserver["adopted"] = (adopted) => {
    const { app, id, phase } = this.#told(adopted);
    this.#options.logger.info({ app, release: id, phase }, "release of an earlier process taken over");
  };

  refused: ReleaseObserver["refused"] = (app, message) => {
    this.#options.events.refused(this.#options.toldAs(app), message);
    this.#options.metrics.refused();
  };

  ended: ReleaseObserver["ended"] = (ended, outcome, tookMs) => {
    const { events, metrics, logger } = this.#options;
    const release = this.#told(ended);
    const { app, id, revisions, startedAtMs } = release;
    events.ended(release, outcome, tookMs);
    metrics.ended(outcome, tookMs);
    logger[outcome.kind === "failed" ? "warn" : "info"](
      { app, release: id, tookMs: Math.round(tookMs), ...outcome },
      "release ended",
    );
    if (outcome.kind === "succeeded")
      this.#rollouts.append(rolloutRow({ startedAtMs, tookMs, app, revision: revisionKey(revisions) ?? "" }));
  };

  #told(release: Release): Release {
    return { ...release, app: this.#options.toldAs(release.app) };
  }

  /** When every row is written. */
  async settled(): Promise<void> {
    await Promise.all([this.#decisions.settled(), this.#rollouts.settled()]);
  }

  /** The same decision again is worth a line to those who debug. */
  #log(decision: ReleaseDecision, tookMs: number): void {
    const { reason, selected, held, headroom, allowedWindow, rmaxUsed, highRiskPaused, nowMs } = decision;
    const names = selected.map(({ name }) => name);
    const what = JSON.stringify([reason, names, held.map((app) => [app.name, app.reason])]);
    const scores = [...selected, ...held].map(({ name, score }) => [name, Number(score.total.toFixed(4))] as const);
    this.#options.logger[what === this.#said ? "debug" : "info"](
      {
        decision_id: nowMs.toString(36),
        window_allowed: allowedWindow,
        headroom,
        reason,
        selected_apps: names,
        skipped_apps: Object.fromEntries(held.map((app) => [app.name, app.reason])),
        paused_apps: highRiskPaused,
        score: Object.fromEntries(scores),
        rmax_used: rmaxUsed,
        fallback_used: reason === "greedy",
        latency_ms: Number(tookMs.toFixed(3)),
      },
      "decision",
    );
    this.#said = what;
  }
}

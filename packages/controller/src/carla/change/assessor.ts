import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import { keyOf } from "../argocd/catalogue.ts";
import type { ApplicationState, ArgoChanges } from "../argocd/port.ts";
import { type Change, unknownKind } from "../decide/snapshot.ts";
import { changeOf } from "./diff.ts";

export interface ChangeAssessorOptions {
  readonly changes: ArgoChanges;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

interface Assessment {
  readonly revision: string | null;
  readonly application: ApplicationState;
  change: Change | null;
  failures: number;
  readonly backoff: Backoff;
  notBeforeMs: number;
  wantedMs: number;
}

const backoffBounds = { firstMs: 2_000, maxMs: 60_000 };
/** Rendering manifests is work for Argo CD. */
const concurrency = 4;
/** After so many failures the change is taken for the worst: as large and as delicate as can be. */
const mostFailures = 3;
const unassessable: Change = { changedFields: Number.MAX_SAFE_INTEGER, objects: 0, kinds: [unknownKind] };
/** Nobody has asked for longer: it is not pending any more. */
const forgetMs = 600_000;

/** Reads in the background what pending releases would change, once for each revision. */
export class ChangeAssessor implements Runnable {
  readonly name = "change assessor";
  readonly #options: ChangeAssessorOptions;
  readonly #assessments = new Map<string, Assessment>();
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: ChangeAssessorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#work();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  /** What is known of the application's pending change; null: not read yet. Asking is what has it read. */
  change(application: ApplicationState, revision: string | null): Change | null {
    const nowMs = this.#options.clock.monotonicMs();
    const key = keyOf(application);
    const known = this.#assessments.get(key);
    if (known && known.revision === revision) {
      known.wantedMs = nowMs;
      return known.change;
    }
    const backoff = new Backoff(backoffBounds, this.#options.rng);
    this.#assessments.set(key, {
      revision,
      application,
      change: null,
      failures: 0,
      backoff,
      notBeforeMs: nowMs,
      wantedMs: nowMs,
    });
    this.#work();
    return null;
  }

  /** Starts as many readers as are allowed and needed. */
  #work(): void {
    this.#forget();
    for (const [key, assessment] of this.#assessments) {
      if (this.#running.size >= concurrency || this.#abort.signal.aborted) return;
      if (assessment.change !== null || assessment.notBeforeMs === Infinity) continue;
      this.#begin(key, assessment);
    }
  }

  #begin(key: string, assessment: Assessment): void {
    const waitMs = assessment.notBeforeMs - this.#options.clock.monotonicMs();
    assessment.notBeforeMs = Infinity;
    const reading = this.#read(key, assessment, waitMs).finally(() => {
      this.#running.delete(reading);
      this.#work();
    });
    this.#running.add(reading);
  }

  async #read(key: string, assessment: Assessment, waitMs: number): Promise<void> {
    const { changes, clock, logger } = this.#options;
    const { signal } = this.#abort;
    await sleep(clock, waitMs, signal);
    if (signal.aborted || this.#assessments.get(key) !== assessment) return;
    try {
      const { application } = assessment;
      assessment.change = changeOf(await changes.managedResources(application, application.project, signal));
    } catch (error) {
      assessment.failures += 1;
      assessment.notBeforeMs = clock.monotonicMs() + assessment.backoff.nextMs();
      logger.info({ app: key, error: describeError(error), failures: assessment.failures }, "change cannot be read");
      if (assessment.failures >= mostFailures) assessment.change = unassessable;
    }
  }

  #forget(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [key, { wantedMs }] of this.#assessments) if (nowMs - wantedMs > forgetMs) this.#assessments.delete(key);
  }
}

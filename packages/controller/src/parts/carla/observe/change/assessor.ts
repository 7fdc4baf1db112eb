import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import { keyOf } from "../../argocd/catalogue.ts";
import type { ApplicationState, ArgoChanges } from "../../argocd/port.ts";
import { type Change, unknownKind } from "../../decide/snapshot.ts";
import { changeOf } from "./diff.ts";

export interface ChangeAssessorOptions {
  readonly changes: ArgoChanges;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

interface Assessment {
  /** What it is of: another revision, or another operation since, is another change. */
  readonly basis: string;
  readonly application: ApplicationState;
  change: Change | null;
  /** To be read, or read again; "done" when it has been. */
  state: "wanted" | "reading" | "waiting" | "done";
  /** When it was read last, monotonic milliseconds. */
  readMs: number;
  /** In a row, and what the last one said. */
  failures: number;
  failure: string | null;
  readonly backoff: Backoff;
  wantedMs: number;
}

const backoffBounds = { firstMs: 2_000, maxMs: 60_000 };
/** Rendering manifests is work for Argo CD. */
const concurrency = 4;
/** After so many failures the change is taken for the worst, as large and as delicate as can be, until it can be read. */
const mostFailures = 3;
const unassessable: Change = { changedFields: Number.MAX_SAFE_INTEGER, objects: 0, kinds: [unknownKind] };
/** What is live may change by anybody's hand: what was read is good for so long. */
const freshMs = 600_000;
/** Nobody has asked for longer: it is not pending any more. */
const forgetMs = 600_000;

/** Reads in the background what pending releases would change: for each revision, after each operation, and again while it waits long. */
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
    const basis = basisOf(application, revision);
    if (known && known.basis === basis && nowMs - known.wantedMs <= forgetMs) {
      known.wantedMs = nowMs;
      this.#renew(known, nowMs);
      return known.change;
    }
    const backoff = new Backoff(backoffBounds, this.#options.rng);
    const unread = { change: null, state: "wanted", failures: 0, failure: null } as const;
    this.#assessments.set(key, { ...unread, basis, application, backoff, wantedMs: nowMs, readMs: nowMs });
    this.#work();
    return null;
  }

  /** What is known counts until it has been read again. */
  #renew(known: Assessment, nowMs: number): void {
    if (known.state !== "done" || nowMs - known.readMs <= freshMs) return;
    known.state = "wanted";
    this.#work();
  }

  /** Starts as many readers as are allowed and needed. */
  #work(): void {
    this.#forget();
    for (const [key, assessment] of this.#assessments) {
      if (this.#running.size >= concurrency || this.#abort.signal.aborted) return;
      if (assessment.state === "wanted") this.#begin(key, assessment);
    }
  }

  #begin(key: string, assessment: Assessment): void {
    assessment.state = "reading";
    const reading = this.#read(key, assessment).finally(() => {
      this.#running.delete(reading);
      this.#work();
    });
    this.#running.add(reading);
  }

  async #read(key: string, assessment: Assessment): Promise<void> {
    const { application } = assessment;
    const { signal } = this.#abort;
    try {
      const resources = await this.#options.changes.managedResources(application, application.project, signal);
      assessment.change = changeOf(resources);
      assessment.state = "done";
      assessment.failures = 0;
      assessment.readMs = this.#options.clock.monotonicMs();
    } catch (error) {
      if (!signal.aborted) this.#failed(key, assessment, describeError(error));
    }
  }

  #failed(key: string, assessment: Assessment, error: string): void {
    const { logger } = this.#options;
    assessment.failures += 1;
    const { failures } = assessment;
    if (error !== assessment.failure) logger.info({ app: key, error, failures }, "change cannot be read");
    assessment.failure = error;
    if (failures === mostFailures) logger.warn({ app: key, error }, "change is taken for the worst");
    if (failures >= mostFailures) assessment.change = unassessable;
    void this.#retry(assessment);
  }

  /** Whoever waits for another try keeps no reader from the others. */
  async #retry(assessment: Assessment): Promise<void> {
    assessment.state = "waiting";
    await sleep(this.#options.clock, assessment.backoff.nextMs(), this.#abort.signal);
    assessment.state = "wanted";
    this.#work();
  }

  #forget(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [key, { wantedMs }] of this.#assessments) if (nowMs - wantedMs > forgetMs) this.#assessments.delete(key);
  }
}

function basisOf({ operation }: ApplicationState, revision: string | null): string {
  return `${revision ?? ""} ${operation?.finishedAtMs ?? ""}`;
}

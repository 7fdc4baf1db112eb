import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";
import { type KubeTransport, mergePatch, resources } from "@walras/kube";

import { ScalerUnavailable } from "../scaler/port.ts";
import type { SlotJob } from "../slots/job.ts";
import type { SlotLedger } from "../slots/ledger.ts";

/** Un-suspends a Job. */
export interface QueuePort {
  release(job: SlotJob): Promise<void>;
}

export function queuePort(transport: KubeTransport): QueuePort {
  return {
    release: async (job) => {
      await mergePatch(
        transport,
        { resource: resources.job, name: job },
        { metadata: { uid: job.uid }, spec: { suspend: false } },
      );
    },
  };
}

export interface QueueReleaserOptions {
  readonly ledger: Pick<SlotLedger, "ask">;
  /** Suspended Jobs of every queue, with the queue as owner. */
  readonly suspended: () => readonly SlotJob[];
  readonly port: QueuePort;
  readonly mayAct: () => boolean;
  readonly onReleased: (job: SlotJob) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 1_000;
/** A patch whose effect has not been seen for this long is not waited for. */
const patchedMs = 45_000;

/** Releases suspended Jobs as slots become free, oldest first: the queue without KEDA. */
export class QueueReleaser implements Runnable {
  readonly name = "queue releaser";
  readonly #options: QueueReleaserOptions;
  /** Patched, and not seen un-suspended yet: monotonic milliseconds by UID. */
  readonly #patched = new Map<string, number>();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #complaint = "";

  constructor(options: QueueReleaserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.after(everyMs, () => {
      this.start();
      if (this.#options.mayAct()) this.#running = this.release();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#running;
  }

  /** Releases as many Jobs of each queue as it is granted. */
  async release(): Promise<void> {
    const suspended = this.#options.suspended();
    this.#forget(suspended);
    for (const [owner, jobs] of Map.groupBy(suspended, (job) => job.owner)) {
      for (const job of this.#granted(owner, jobs)) await this.#unsuspend(job);
    }
  }

  #granted(owner: string, jobs: readonly SlotJob[]): readonly SlotJob[] {
    const waiting = jobs.filter(({ uid }) => !this.#patched.has(uid)).toSorted(byAge);
    const underWay = jobs.length - waiting.length;
    try {
      const holding = this.#options.ledger.ask(owner, (unfinished) => unfinished + jobs.length);
      this.#complaint = "";
      return waiting.slice(0, Math.max(0, holding.granted - underWay));
    } catch (error) {
      if (!(error instanceof ScalerUnavailable)) throw error;
      if (error.message !== this.#complaint) this.#options.logger.warn({ error: error.message }, "no job is released");
      this.#complaint = error.message;
      return [];
    }
  }

  async #unsuspend(job: SlotJob): Promise<void> {
    const { port, clock, onReleased, logger } = this.#options;
    this.#patched.set(job.uid, clock.monotonicMs());
    try {
      await port.release(job);
      onReleased(job);
    } catch (error) {
      this.#patched.delete(job.uid);
      logger.warn({ job: `${job.namespace}/${job.name}`, error: describeError(error) }, "job not released");
    }
  }

  #forget(suspended: readonly SlotJob[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    const still = new Set(suspended.map(({ uid }) => uid));
    for (const [uid, atMs] of this.#patched) if (!still.has(uid) || nowMs - atMs > patchedMs) this.#patched.delete(uid);
  }
}

function byAge(one: SlotJob, other: SlotJob): number {
  return one.createdAtMs - other.createdAtMs || (one.name < other.name ? -1 : 1);
}

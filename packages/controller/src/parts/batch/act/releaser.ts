import { type Clock, describeError, type Logger, Once } from "@walras/kit";
import { type KubeTransport, mergePatch, resources } from "@walras/kube";
import type { V1Job } from "@kubernetes/client-node";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { NotKnown } from "../decide/notKnown.ts";
import type { SlotJob } from "../decide/job.ts";
import type { SlotAllocator } from "../slots/allocator.ts";

/** A Job that waits to be un-suspended. */
export interface QueuedJob extends SlotJob {
  /** Of its spec. */
  readonly generation: number;
}

/** Un-suspends a Job. */
export interface QueuePort {
  /** @returns the generation of its spec after that */
  release(job: QueuedJob): Promise<number>;
}

export function queuePort(transport: KubeTransport, writes: Pick<Writes, "perform">): QueuePort {
  return {
    release: (job) =>
      writes.perform({
        key: `release ${job.namespace}/${job.name}`,
        priority: writePriority.releaseJob,
        write: async () => {
          const patch = { metadata: { uid: job.uid }, spec: { suspend: false } };
          const patched = (await mergePatch(transport, { resource: resources.job, name: job }, patch)) as V1Job;
          return patched.metadata?.generation ?? job.generation;
        },
      }),
  };
}

export interface QueueReleaserOptions {
  readonly ledger: Pick<SlotAllocator, "ask">;
  /** Suspended Jobs of every queue, with the queue as owner. */
  readonly suspended: () => readonly QueuedJob[];
  readonly port: QueuePort;
  readonly onReleased: (job: QueuedJob) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const releaseEveryMs = 1_000;
/** A patch whose effect has not been seen for this long is not waited for. */
const patchedMs = 45_000;

/** What came of a patch. */
interface Patched {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** Of the spec as patched: a Job suspended with a later one was suspended anew. */
  readonly generation: number;
}

/** Releases suspended Jobs as slots become free, oldest first: the queue without KEDA. */
export class QueueReleaser {
  readonly #options: QueueReleaserOptions;
  /** Patched, and not seen un-suspended yet, by UID. */
  readonly #patched = new Map<string, Patched>();
  readonly #complaints = new Once();

  constructor(options: QueueReleaserOptions) {
    this.#options = options;
  }

  /** Releases as many Jobs of each queue as it is granted. */
  async release(): Promise<void> {
    const suspended = this.#options.suspended();
    this.#forget(suspended);
    for (const [owner, jobs] of Map.groupBy(suspended, (job) => job.owner)) {
      for (const job of this.#granted(owner, jobs)) await this.#unsuspend(job);
    }
  }

  #granted(owner: string, jobs: readonly QueuedJob[]): readonly QueuedJob[] {
    const waiting = jobs.filter(({ uid }) => !this.#patched.has(uid)).toSorted(byAge);
    const underWay = jobs.length - waiting.length;
    try {
      const holding = this.#options.ledger.ask(owner, (unfinished) => unfinished + jobs.length);
      this.#complaints.isNews(owner, undefined);
      return waiting.slice(0, Math.max(0, holding.granted - underWay));
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      if (this.#complaints.isNews(owner, error.message))
        this.#options.logger.warn({ owner, error: error.message }, "no job is released");
      return [];
    }
  }

  async #unsuspend(job: QueuedJob): Promise<void> {
    const { port, clock, onReleased, logger } = this.#options;
    try {
      const generation = await port.release(job);
      this.#patched.set(job.uid, { atMs: clock.monotonicMs(), generation });
      onReleased(job);
    } catch (error) {
      logger.warn({ job: `${job.namespace}/${job.name}`, error: describeError(error) }, "job not released");
    }
  }

  #forget(suspended: readonly QueuedJob[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    const seen = new Map(suspended.map(({ uid, generation }) => [uid, generation]));
    for (const [uid, { atMs, generation }] of this.#patched) {
      const anew = (seen.get(uid) ?? Infinity) > generation;
      if (anew || nowMs - atMs > patchedMs) this.#patched.delete(uid);
    }
  }
}

function byAge(one: SlotJob, other: SlotJob): number {
  return one.createdAtMs - other.createdAtMs || (one.name < other.name ? -1 : 1);
}

import type { WorkloadProfileSpec } from "@walras/api";
import { type Clock, describeError, type Logger, type Rng } from "@walras/kit";

import { writePriority } from "../../../base/access/priorities.ts";
import { type Workload, workloadKey } from "../../../base/cluster/workload.ts";
import { trustIn } from "./need.ts";
import type { RememberPolicy } from "./policy.ts";
import { profileName, profileSpec, type WorkloadHistory } from "./profile.ts";
import { type RememberedWorkload, watchedMinutes } from "./workloads.ts";

/** Where profiles are written. */
export interface ProfilePort {
  apply(namespace: string, name: string, spec: WorkloadProfileSpec): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
}

/** The budget of writes: bounded, newest wins, lower priorities first; each asks once more whether it may. */
interface ProfileWrites {
  enqueue(write: QueuedWrite): void;
  perform(write: QueuedWrite): Promise<void>;
}

interface QueuedWrite {
  readonly key: string;
  readonly priority: number;
  readonly write: () => Promise<void>;
}

export interface WriterOptions {
  readonly port: ProfilePort;
  readonly writes: ProfileWrites;
  readonly policy: RememberPolicy;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** What was written of a workload last. */
interface Written {
  /** What a write must change to be worth it soon. */
  readonly gist: string;
  /** When it had been learnt from, in milliseconds since the Unix epoch. */
  readonly seenMs: number;
  readonly atMs: number;
}

/** Between two writes of one profile. */
const leastPauseMs = 600_000;
/** What changes little is written all the same, for a crash would lose it. */
const mostPauseMs = 6 * 3_600_000;
/** Who was watched for less is not worth an object. */
const leastMinutes = 10;
/** At the end who was never written down loses everything. */
const leastMinutesAtEnd = 1;
/** Changes of trust smaller than this are none. */
const trustSteps = 10;

/** Writes profiles down: rarely, spread, and only what says something new. */
export class ProfileWriter {
  readonly #options: WriterOptions;
  readonly #written = new Map<string, Written>();
  /** Not looked at before. */
  readonly #nextMs = new Map<string, number>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** It has just been read: nothing of it is new. */
  adopt(workload: RememberedWorkload): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#written.set(workload.key, { gist: this.#gist(workload), seenMs: workload.seenMs, atMs: nowMs });
    this.#pause(workload.key, nowMs);
  }

  /** Writes the workload down if it is time to, and worth it. */
  look(workload: RememberedWorkload): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (!hasSuccessors(workload) || nowMs < (this.#nextMs.get(workload.key) ?? -Infinity)) return;
    if (!this.#isWorthIt(workload, nowMs)) return;
    this.#pause(workload.key, nowMs);
    this.#options.writes.enqueue(queued(workload.key, () => this.#write(workload)));
  }

  /** Deletes what was written of a workload. */
  remove(workload: RememberedWorkload): void {
    this.#nextMs.delete(workload.key);
    const isWritten = this.#written.delete(workload.key);
    if (hasSuccessors(workload) && isWritten) this.removeProfile(workload.namespace, workload.workload);
  }

  /** Deletes a profile, remembered or not. */
  removeProfile(namespace: string, workload: Workload): void {
    const write = (): Promise<void> => this.#options.port.remove(namespace, profileName(workload));
    this.#options.writes.enqueue(queued(workloadKey(namespace, workload), write));
  }

  /** Writes down what would be lost otherwise: each once, those first of which most would be. */
  async flush(workloads: Iterable<RememberedWorkload>): Promise<void> {
    const isLost = (one: RememberedWorkload): boolean =>
      this.#lostMinutes(one) >= (this.#written.has(one.key) ? leastMinutes : leastMinutesAtEnd);
    const lost = [...workloads].filter((one) => hasSuccessors(one) && isLost(one));
    const ordered = lost.toSorted((one, other) => this.#lostMinutes(other) - this.#lostMinutes(one));
    await Promise.all(
      ordered.map((one) => this.#options.writes.perform(queued(one.key, () => this.#lastWrite(one))).catch(() => null)),
    );
  }

  #isWorthIt(workload: RememberedWorkload, nowMs: number): boolean {
    const written = this.#written.get(workload.key);
    if (!written) return this.#lostMinutes(workload) >= leastMinutes;
    if (workload.seenMs <= written.seenMs) return false;
    return nowMs - written.atMs >= mostPauseMs || this.#gist(workload) !== written.gist;
  }

  /** Minutes that are known here alone. */
  #lostMinutes(workload: RememberedWorkload): number {
    const written = this.#written.get(workload.key);
    return written ? (workload.seenMs - written.seenMs) / 60_000 : watchedMinutes(workload);
  }

  async #write(workload: RememberedWorkload): Promise<void> {
    const { port, policy, clock } = this.#options;
    if (!hasSuccessors(workload)) return;
    const { seenMs } = workload;
    const gist = this.#gist(workload);
    await port.apply(workload.namespace, profileName(workload.workload), profileSpec(workload, policy));
    this.#written.set(workload.key, { gist, seenMs, atMs: clock.monotonicMs() });
  }

  /** At the end there is no time to try again. */
  async #lastWrite(workload: RememberedWorkload): Promise<void> {
    try {
      await this.#write(workload);
    } catch (error) {
      this.#options.logger.warn({ workload: workload.key, error: describeError(error) }, "profile not written");
    }
  }

  #pause(key: string, nowMs: number): void {
    this.#nextMs.set(key, nowMs + leastPauseMs * (1 + this.#options.rng() / 2));
  }

  #gist(workload: RememberedWorkload): string {
    const { policy } = this.#options;
    const parts = [...workload.containers.values()].flatMap((one) => [
      one.levelMilli ?? "",
      one.weekRevision,
      Math.round(trustIn(one.watchedMinutes(workload.seenMs), policy) * trustSteps),
    ]);
    return parts.join(" ");
  }
}

function queued(key: string, write: () => Promise<void>): QueuedWrite {
  return { key: `profile ${key}`, priority: writePriority.profile, write };
}

function hasSuccessors(workload: RememberedWorkload): workload is RememberedWorkload & WorkloadHistory {
  return workload.workload !== null;
}

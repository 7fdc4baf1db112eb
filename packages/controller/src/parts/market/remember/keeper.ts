import { workloadProfileResource } from "@walras/api";
import {
  type Clock,
  describeError,
  errorAt,
  type Logger,
  type Repeating,
  type Runnable,
  type Timer,
} from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import type { ObjectRef } from "../../../base/told/decision.ts";
import type { RememberPolicy } from "./policy.ts";
import { profileName, readProfile, type WorkloadHistory } from "./profile.ts";
import type { ProfileWriter } from "./writer.ts";
import { keyOfPod, type Workloads } from "./workloads.ts";

/** A profile as the API server has it. */
export interface StoredProfile {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid?: string };
  readonly spec?: unknown;
}

export interface KeeperOptions {
  /** Every profile there is, read from the API server. */
  readonly stored: (signal: AbortSignal) => AsyncIterable<StoredProfile>;
  readonly workloads: Workloads;
  readonly writer: ProfileWriter;
  readonly policy: RememberPolicy;
  /** Only the leader reads, learns and writes. */
  readonly mayAct: () => boolean;
  readonly repeating: (everyMs: () => number, run: (signal: AbortSignal) => Promise<void>) => Repeating;
  /** An object is wrong, and why. */
  readonly unreadable: (object: ObjectRef, reason: string) => void;
  /** How many workloads are remembered. */
  readonly counted: (count: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Until what is stored has been read requests neither fall nor are known. */
const readAgainMs = 1_000;
const lookEveryMs = 10_000;
/** A workload that has not run for so long is forgotten. */
const unusedMs = 14 * 24 * 3_600_000;
/** A controller that is asked to end has other things to end as well. */
const flushMs = 3_000;

/** Keeps what is remembered in the cluster: reads it once, writes it now and then and at the end, deletes what is old. */
export class ProfileKeeper implements Runnable {
  readonly name = "workload profiles";
  readonly #options: KeeperOptions;
  readonly #loop: Repeating;
  #read = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#loop = options.repeating(
      () => (this.#read ? lookEveryMs : readAgainMs),
      (signal) => this.#run(signal),
    );
  }

  /** Whether what was written down by those before us is known. */
  readonly isRead = (): boolean => this.#read;

  start(): Promise<void> {
    return this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    const { mayAct, writer, workloads, clock } = this.#options;
    if (!this.#read || !mayAct()) return;
    const timeout = Promise.withResolvers<void>();
    const timer: Timer = clock.after(flushMs, timeout.resolve);
    await Promise.race([writer.flush(workloads.values()), timeout.promise]);
    timer.cancel();
  }

  /** The owner has taken this pod off the market: what no other of its pods needs is forgotten. */
  leave(pod: PodState): void {
    const { workloads } = this.#options;
    const workload = workloads.get(keyOfPod(pod));
    if (workload && workload.pods === 0) workloads.drop(workload);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { mayAct, workloads, writer, clock, counted } = this.#options;
    if (!mayAct()) return;
    if (!this.#read) await this.#readAll(signal);
    counted(workloads.size);
    workloads.dropUnusedSince(clock.wallMs() - unusedMs);
    for (const workload of workloads.values()) writer.look(workload);
  }

  /** All or nothing: half of it would look like the whole. The newest first, for there is room for so many. */
  async #readAll(signal: AbortSignal): Promise<void> {
    const { stored, workloads, writer, logger } = this.#options;
    const found: { readonly namespace: string; readonly history: WorkloadHistory }[] = [];
    for await (const one of stored(signal)) {
      const history = this.#historyOf(one);
      if (history) found.push({ namespace: one.metadata.namespace, history });
    }
    for (const { namespace, history } of found.toSorted((a, b) => b.history.seenMs - a.history.seenMs)) {
      const restored = workloads.restore(namespace, history);
      if (restored) writer.adopt(restored);
      else writer.removeProfile(namespace, history.workload);
    }
    this.#read = true;
    logger.info({ profiles: found.length }, "workload profiles read");
  }

  /** One that cannot be read is told and left out; the others count. */
  #historyOf({ metadata, spec }: StoredProfile): WorkloadHistory | null {
    const { policy, unreadable, logger, clock } = this.#options;
    const origin = `${metadata.namespace}/${metadata.name}`;
    try {
      const history = readProfile(spec, origin, { nowMs: clock.wallMs(), policy });
      checkName(metadata.name, history, origin);
      return history;
    } catch (error) {
      logger.warn({ profile: origin, error: describeError(error) }, "workload profile ignored");
      unreadable(refOf(metadata), describeError(error));
      return null;
    }
  }
}

/** A copy under another name would be read as that workload's own. */
function checkName(name: string, { workload }: WorkloadHistory, origin: string): void {
  const own = profileName(workload);
  if (name !== own) throw errorAt(`${origin}.metadata.name`, name, `is not ${own}, the name of its workload's profile`);
}

function refOf({ namespace, name, uid = "" }: StoredProfile["metadata"]): ObjectRef {
  const { apiVersion, kind } = workloadProfileResource;
  return { apiVersion, kind, namespace, name, uid };
}

import { type Clock, describeError, type Logger, Once } from "@walras/kit";
import { type KubeTransport, mergePatch } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { ObjectRef } from "../../../base/told/decision.ts";

/** A ScaledJob whose runs are counted. */
export interface CountedScaledJob extends Pick<ObjectRef, "uid" | "namespace" | "name"> {
  /** What it carries. */
  readonly runs: string;
}

/** Writes what a ScaledJob is to carry of its runs. */
export interface RunPort {
  write(scaledJob: CountedScaledJob, record: string): Promise<void>;
}

/** @param annotation where it is written @param resource of ScaledJobs */
export function runPort(
  transport: KubeTransport,
  writes: Pick<Writes, "perform">,
  where: { readonly resource: Parameters<typeof mergePatch>[1]["resource"]; readonly annotation: string },
): RunPort {
  return {
    write: ({ namespace, name, uid }, record) =>
      writes.perform({
        key: `runs ${namespace}/${name}`,
        priority: writePriority.record,
        write: async () => {
          const body = { metadata: { uid, annotations: { [where.annotation]: record } } };
          await mergePatch(transport, { resource: where.resource, name: { namespace, name } }, body);
        },
      }),
  };
}

export interface RunKeeperOptions {
  readonly scaledJobs: () => Iterable<CountedScaledJob>;
  /** What it is to carry. @throws FieldError where what it carries cannot be read */
  readonly record: (scaledJob: CountedScaledJob) => string;
  readonly port: RunPort;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const keepRunsEveryMs = 250;
/** Until a write that was answered must have been seen, and until one that failed is tried again. */
const patienceMs = 5_000;

/** Records the runs of ScaledJobs that are to have so many in all, as each begins. */
export class RunKeeper {
  readonly #options: RunKeeperOptions;
  /** What was last written, by UID. */
  readonly #written = new Map<string, { readonly record: string; readonly atMs: number }>();
  readonly #complaints = new Once();

  constructor(options: RunKeeperOptions) {
    this.#options = options;
  }

  /** Writes what has changed. Never throws. */
  async keep(): Promise<void> {
    const seen = new Set<string>();
    for (const scaledJob of this.#options.scaledJobs()) {
      seen.add(scaledJob.uid);
      await this.#keepOne(scaledJob);
    }
    for (const uid of this.#written.keys()) if (!seen.has(uid)) this.#written.delete(uid);
  }

  async #keepOne(scaledJob: CountedScaledJob): Promise<void> {
    const { record: recordOf, port, clock, logger } = this.#options;
    const { uid, namespace, name } = scaledJob;
    try {
      const record = recordOf(scaledJob);
      const last = this.#written.get(uid);
      const isWaiting = last?.record === record && clock.monotonicMs() - last.atMs < patienceMs;
      if (record === scaledJob.runs || isWaiting) return;
      this.#written.set(uid, { record, atMs: clock.monotonicMs() });
      await port.write(scaledJob, record);
      this.#complaints.isNews(uid, undefined);
    } catch (error) {
      const complaint = describeError(error);
      const told = "runs are not recorded: after a restart those whose Jobs are gone may run again";
      if (this.#complaints.isNews(uid, complaint))
        logger.warn({ scaledJob: `${namespace}/${name}`, error: complaint }, told);
    }
  }
}

import type { Clock } from "@walras/kit";

import type { SlotJob, SlotPod } from "../decide/job.ts";
import type { KedaCountsRange, Scaling } from "../decide/scaling.ts";
import type { SlotView } from "./ports.ts";

interface Pending {
  /** "" until it is bound; undefined: no pod was made. */
  readonly node: string | undefined;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** A Job that has been pending in one place for so long is not known to be about to begin. */
export const settledMs = 10_000;
/** A Job whose deadline is nearer than this may be stopped before KEDA counts it, by a clock that need not be ours. */
const soonMs = 5_000;

/**
 * A ScaledJob's Jobs as KEDA will count them a moment from now. One that is
 * about to end may have ended by then, and one that was not pending for long
 * may have begun.
 */
export class KedaCounter {
  readonly #view: Pick<SlotView, "jobs" | "pods">;
  readonly #clock: Pick<Clock, "monotonicMs" | "wallMs">;
  /** By the Job's UID. */
  readonly #pending = new Map<string, Pending>();

  constructor(view: Pick<SlotView, "jobs" | "pods">, clock: Pick<Clock, "monotonicMs" | "wallMs">) {
    this.#view = view;
    this.#clock = clock;
  }

  count(owner: string, scaling: Scaling): KedaCountsRange {
    const nowMs = this.#clock.monotonicMs();
    const all = [...this.#view.jobs()].filter(({ finished }) => !finished);
    this.#forgetOthers(all);
    const jobs = all.filter((job) => job.owner === owner);
    if (jobs.length === 0) return { least: none, most: none };
    const pods = podsByJob(this.#view.pods(), jobs);
    const podsOf = ({ uid }: SlotJob): readonly SlotPod[] => pods.get(uid) ?? [];
    const soon = this.#clock.wallMs() + soonMs;
    const staying = jobs.filter((job) => !mayEndBy(soon, job, podsOf(job))).length;
    const pending = jobs.filter((job) => countsAsPending(podsOf(job), scaling));
    const settled = pending.filter((job) => nowMs - this.#pendingSinceMs(job, podsOf(job), nowMs) >= settledMs);
    return {
      least: { running: staying, pending: settled.length },
      most: { running: jobs.length, pending: pending.length },
    };
  }

  #pendingSinceMs({ uid }: SlotJob, pods: readonly SlotPod[], nowMs: number): number {
    const node = pods.at(-1)?.node;
    const known = this.#pending.get(uid);
    if (known && known.node === node) return known.sinceMs;
    this.#pending.set(uid, { node, sinceMs: nowMs });
    return nowMs;
  }

  #forgetOthers(unfinished: readonly SlotJob[]): void {
    if (this.#pending.size === 0) return;
    const there = new Set(unfinished.map(({ uid }) => uid));
    for (const uid of this.#pending.keys()) if (!there.has(uid)) this.#pending.delete(uid);
  }
}

const none = { running: 0, pending: 0 };

function podsByJob(pods: Iterable<SlotPod>, jobs: readonly SlotJob[]): ReadonlyMap<string, readonly SlotPod[]> {
  const byJob = new Map<string, SlotPod[]>(jobs.map(({ uid }) => [uid, []]));
  for (const pod of pods) byJob.get(pod.jobUid)?.push(pod);
  return byJob;
}

/**
 * KEDA takes a Job for running until the Job controller has said that it is over: a second or so after its last pod, and at once where
 * it stops it.
 */
function mayEndBy(wallMs: number, { ending, deadlineMs }: SlotJob, pods: readonly SlotPod[]): boolean {
  return ending || (deadlineMs ?? Infinity) <= wallMs || (pods.length > 0 && pods.every(({ ended }) => ended));
}

/** What is pending matters to two of KEDA's strategies only. */
function countsAsPending(pods: readonly SlotPod[], scaling: Scaling): boolean {
  const { strategy } = scaling;
  return strategy !== "default" && strategy !== "custom" && !pods.some((pod) => hasBegun(pod, scaling));
}

function hasBegun({ started, conditions }: SlotPod, { pendingConditions }: Scaling): boolean {
  return pendingConditions.length === 0 ? started : pendingConditions.every((type) => conditions.includes(type));
}

import { type Clock, describeError, type Logger } from "@walras/kit";

import type { PodState } from "../cluster/pod.ts";
import { isResizableNow } from "./eligibility.ts";
import type { ResizeLog } from "./log.ts";
import type { ContainerResize, PodResize } from "./plan.ts";
import { classifyFailure, type FailedCall } from "./refusal.ts";
import { verdict } from "./verdict.ts";

/** The pods/resize subresource. */
interface ResizePort {
  /**
   * Desires new resources for a pod of exactly this UID.
   *
   * @returns the pod's generation after the patch
   * @throws FailedCall-shaped errors
   */
  resize(pod: PodState, containers: readonly ContainerResize[]): Promise<number>;
}

/** The budget of writes: bounded, newest wins, lower priorities first. */
export interface WriteBudget {
  enqueue(write: { readonly key: string; readonly priority: number; readonly write: () => Promise<void> }): void;
}

/** What is told of each attempt. */
export interface ResizeObserver {
  resized(resize: PodResize, tookMs: number): void;
  refused(pod: PodState, reason: string, message: string): void;
  dropped(reason: string): void;
}

export interface ActuatorOptions {
  readonly port: ResizePort;
  readonly budget: WriteBudget;
  readonly log: ResizeLog;
  /** The pod as the store has it at the moment of the write. */
  readonly podNow: (uid: string) => PodState | undefined;
  /** Writes down what a pod had before its first resize; the resize waits for it. */
  readonly recordFirst: (pod: PodState) => Promise<void>;
  readonly mayWrite: () => boolean;
  readonly observer: ResizeObserver;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Decreases first where capacity binds: somebody waits for what they free.
 * Elsewhere they only reclaim slack, and a throttled container goes before them.
 */
const priorities = { cutForOthers: 0, raise: 1, cut: 2 } as const;

/** Carries out resizes: late, so each is checked against the pod once more. */
export class ResizeActuator {
  readonly #options: ActuatorOptions;

  constructor(options: ActuatorOptions) {
    this.#options = options;
  }

  /** @param scarce whether capacity binds on the pod's node */
  submit(resize: PodResize, scarce: boolean): void {
    const { pod } = resize;
    this.#options.budget.enqueue({
      key: `resize ${pod.namespace}/${pod.name}`,
      priority: priorityOf(resize, scarce),
      write: () => this.#write(resize),
    });
  }

  async #write(resize: PodResize): Promise<void> {
    const { podNow, recordFirst, observer, log, port, clock } = this.#options;
    const pod = podNow(resize.pod.uid);
    const stale = this.#whyStale(resize, pod);
    if (!pod || stale !== null) {
      observer.dropped(stale ?? "gone");
      return;
    }
    await recordFirst(pod);
    const startedMs = clock.monotonicMs();
    try {
      const generation = await port.resize(pod, resize.containers);
      log.patched(pod.uid, generation, resize.cuts, clock.monotonicMs());
      observer.resized(resize, clock.monotonicMs() - startedMs);
    } catch (error) {
      this.#fail(pod, error);
    }
  }

  /** Why the resize no longer applies: the world has moved since it was planned. */
  #whyStale(resize: PodResize, pod: PodState | undefined): string | null {
    if (!this.#options.mayWrite()) return "not leading";
    if (!pod) return "gone";
    if (!isResizableNow(pod)) return "not running";
    if (pod.generation !== resize.pod.generation) return "changed";
    return verdict(pod, this.#options.log.of(pod.uid).patchedGeneration).kind === "inFlight" ? "in flight" : null;
  }

  #fail(pod: PodState, error: unknown): void {
    const { log, observer, clock, logger } = this.#options;
    const failure = classifyFailure(asFailedCall(error));
    if (failure.kind === "retry") throw error;
    if (failure.kind === "gone") {
      observer.dropped("gone");
      return;
    }
    log.refused(pod.uid, failure.reason, failure.message, clock.monotonicMs());
    observer.refused(pod, failure.reason, failure.message);
    logger.info(
      { pod: `${pod.namespace}/${pod.name}`, reason: failure.reason, error: describeError(error) },
      "resize refused",
    );
  }
}

function priorityOf({ cuts, raises }: PodResize, scarce: boolean): number {
  if (cuts && scarce) return priorities.cutForOthers;
  return raises ? priorities.raise : priorities.cut;
}

function asFailedCall(error: unknown): FailedCall {
  const { status, reason, causes } = error as Partial<FailedCall>;
  return { status: status ?? 0, reason: reason ?? "", causes: causes ?? [], message: describeError(error) };
}

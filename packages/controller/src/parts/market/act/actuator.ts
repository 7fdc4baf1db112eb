import { type Clock, describeError, type Logger } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import { isStaying, isToStart } from "../observe/eligibility.ts";
import type { Hold, NodeRoom } from "../../../base/access/room.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { granuleMilli } from "../decide/granules.ts";
import { fitLimitsAlone } from "./fit.ts";
import type { ResizeLog } from "./log.ts";
import type { Lane } from "./memory.ts";
import { longestWaitMs, Pace } from "./pace.ts";
import type { QuotaRoom } from "./quotaRoom.ts";
import { type ContainerResize, lanesOf, type PodResize } from "./resize.ts";
import { classifyFailure, type FailedCall, laneOf } from "./refusal.ts";
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
interface WriteBudget {
  /** Writes per second at most, of all parts. */
  readonly perSecond: number;
  /** Settles with the last try; rejects for a write that a newer one of its key has replaced. */
  perform<T>(write: { readonly key: string; readonly priority: number; readonly write: () => Promise<T> }): Promise<T>;
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
  /** Millicores of requests that resizes on their way will take. */
  readonly room: NodeRoom;
  /** The same of quotas of namespaces. */
  readonly quotas: QuotaRoom;
  /** The pod as the store has it at the moment of the write. */
  readonly podNow: (uid: string) => PodState | undefined;
  /** What of the pod's node is free for it at the moment of the write. */
  readonly freeMilliFor: (pod: PodState) => number;
  /** Writes down what a pod had before its first resize; the resize waits for it. */
  readonly recordFirst: (pod: PodState) => Promise<void>;
  /** Whether the pod is still on the market. */
  readonly isWanted: (pod: PodState) => boolean;
  readonly mayWrite: () => boolean;
  readonly observer: ResizeObserver;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Decided {
  readonly resize: PodResize;
  readonly decidedMs: number;
}

/** Carries out resizes: late, so each is checked against the pod once more. */
export class ResizeActuator {
  readonly #options: ActuatorOptions;
  readonly #pace: Pace;

  constructor(options: ActuatorOptions) {
    this.#options = options;
    this.#pace = new Pace(options.budget.perSecond);
  }

  /** Whether more is under way than can be written before it is too old. */
  get isBehind(): boolean {
    return this.#pace.isBehind(this.#options.clock.monotonicMs());
  }

  /** @param scarce whether capacity binds on the pod's node */
  submit(resize: PodResize, scarce: boolean): void {
    const { budget, room, quotas, clock } = this.#options;
    const { pod } = resize;
    const decided = { resize, decidedMs: clock.monotonicMs() };
    const onNode = room.take(pod.node, pod.uid, Math.max(0, resize.requestDeltaMilli));
    const holds = resize.allowance ? [onNode, quotas.take(resize)] : [onNode];
    const written = budget.perform({
      key: `resize ${pod.namespace}/${pod.name}`,
      priority: priorityOf(resize, scarce),
      write: () => this.#write(decided),
    });
    this.#pace.submitted();
    void this.#settle(pod.uid, holds, written);
  }

  /** The room is given back when the view shows what was written, or when nothing was. */
  async #settle(uid: string, holds: readonly Hold[], written: Promise<number | null>): Promise<void> {
    // The queue tells of failures; a write that a newer one replaced is none.
    const generation = await written.catch(() => null);
    this.#pace.settled(generation !== null, this.#options.clock.monotonicMs());
    const isSeen = (): boolean => (this.#options.podNow(uid)?.generation ?? Infinity) >= (generation ?? 0);
    for (const hold of holds) {
      if (generation === null) hold.giveBack();
      else hold.until(isSeen);
    }
  }

  /** @returns the pod's new generation; null where nothing was written */
  async #write(decided: Decided): Promise<number | null> {
    const { resize } = decided;
    const before = this.#stillApplies(decided);
    if (!before) return null;
    try {
      // What is given back is on record already.
      if (resize.cause !== "release") await this.#options.recordFirst(before.pod);
    } catch (error) {
      this.#fail(before.pod, error, {
        what: "the record of what it declared",
        lanes: ["request", "limit", "cut"],
      });
      return null;
    }
    // While that was written down the world went on.
    const now = this.#stillApplies(decided);
    return now ? this.#send(now.pod, now) : null;
  }

  /** What of it still applies to the pod as it is now; undefined, and told, where nothing does. */
  #stillApplies(decided: Decided): PodResize | undefined {
    const { podNow, freeMilliFor, observer } = this.#options;
    const { resize } = decided;
    const pod = podNow(resize.pod.uid);
    const stale = this.#whyStale(decided, pod);
    if (stale === null && pod) {
      const hasRoom = resize.requestDeltaMilli <= Math.max(0, freeMilliFor(pod));
      // A limit does not wait for room.
      const fitting = hasRoom ? resize : fitLimitsAlone(resize, granuleMilli);
      if (fitting) return { ...fitting, pod };
    }
    observer.dropped(stale ?? "no room");
    return undefined;
  }

  async #send(pod: PodState, resize: PodResize): Promise<number | null> {
    const { observer, log, port, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      const generation = await port.resize(pod, resize.containers);
      log.patched(pod.uid, generation, resize.cuts, clock.monotonicMs());
      observer.resized(resize, clock.monotonicMs() - startedMs);
      return generation;
    } catch (error) {
      this.#fail(pod, error, { what: "the resize", lanes: lanesOf(resize) });
      return null;
    }
  }

  /** Why the resize no longer applies: the world has moved since it was planned. */
  #whyStale({ resize, decidedMs }: Decided, pod: PodState | undefined): string | null {
    const { mayWrite, isWanted, log, clock } = this.#options;
    if (!mayWrite()) return "not leading";
    if (!pod) return "gone";
    if (!mayBeResized(pod, resize.cause)) return "not running";
    if (pod.generation !== resize.pod.generation) return "changed";
    if (verdict(pod, log.of(pod.uid).patchedGeneration).kind === "inFlight") return "in flight";
    if (ownDecisions.has(resize.cause) && !isWanted(pod)) return "not managed";
    return clock.monotonicMs() - decidedMs > longestWaitMs ? "too old" : null;
  }

  /** @param tried what was asked for, and what is not asked for again for a while */
  #fail(pod: PodState, error: unknown, tried: { readonly what: string; readonly lanes: readonly Lane[] }): void {
    const { log, observer, clock, logger } = this.#options;
    const failure = classifyFailure(asFailedCall(error));
    if (failure.kind === "retry") throw error;
    if (failure.kind === "gone") {
      observer.dropped("gone");
      return;
    }
    const { reason } = failure;
    const message = `${tried.what} was refused: ${failure.message}`;
    log.refused(pod.uid, laneOf(failure, tried.lanes), { reason, message }, clock.monotonicMs());
    observer.refused(pod, reason, message);
    logger.info({ pod: `${pod.namespace}/${pod.name}`, reason, error: describeError(error) }, "resize refused");
  }
}

/** Decided for who is on the market; the others lead away from it. */
const ownDecisions: ReadonlySet<PodResize["cause"]> = new Set(["market", "start"]);

function mayBeResized(pod: PodState, cause: PodResize["cause"]): boolean {
  return isStaying(pod) || (cause === "start" && isToStart(pod));
}

function priorityOf({ cuts, raises }: PodResize, scarce: boolean): number {
  if (cuts && scarce) return writePriority.cutForOthers;
  return raises ? writePriority.raise : writePriority.cut;
}

function asFailedCall(error: unknown): FailedCall {
  const { status, reason, causes } = error as Partial<FailedCall>;
  return { status: status ?? 0, reason: reason ?? "", causes: causes ?? [], message: describeError(error) };
}

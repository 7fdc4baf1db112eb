import type { Clock } from "@walras/kit";

import { actuationSteps } from "./actuation.ts";
import { inRetryOrder, type NodeLimits, type PendingResize, type Refusal, refusalOf } from "./admission.ts";
import type { DelayRange, KubeletDelays, PodRuntime, PodWriter } from "./kubeletPorts.ts";
import { countedFor, type Requests, requestsOf, sameResources } from "./podView.ts";
import { resizeCompleted, resizeRefused, resizeStarted } from "./resizeEvents.ts";
import type { RunningPod } from "./runningPod.ts";

/** What a kubelet lends to its resizes. */
export interface ResizerParts {
  readonly limits: NodeLimits;
  readonly delays: KubeletDelays;
  readonly runtime: Pick<PodRuntime, "resize">;
  readonly writer: Pick<PodWriter, "tell">;
  readonly clock: Clock;
  readonly after: (delay: DelayRange, run: () => void) => void;
  /** What all pods but this one hold. */
  readonly used: (pod: RunningPod) => Requests;
  readonly pods: () => readonly RunningPod[];
  /** Writes the pod's status. */
  readonly save: (pod: RunningPod) => void;
  readonly restart: (pod: RunningPod, container: string) => void;
}

/**
 * The way of a resize through a kubelet (KEP-1287): desired → allocated, where
 * the node has room → actuated in the cgroups → actual in the status. A pod's
 * containers go together or not at all; the last desire wins.
 */
export class Resizer {
  readonly #parts: ResizerParts;
  readonly #imposed: Refusal[] = [];
  #retryArmed = false;

  constructor(parts: ResizerParts) {
    this.#parts = parts;
  }

  /** The pod's spec has changed. */
  wanted(pod: RunningPod): void {
    if (pod.phase !== "Running") return;
    const changedAtMs = this.#parts.clock.monotonicMs();
    this.#parts.after(this.#parts.delays.admit, () => this.#consider(pod, changedAtMs));
  }

  /** The next resizes are refused, whatever they ask for. */
  refuseNext(count: number, refusal: Refusal): void {
    for (let left = count; left > 0; left -= 1) this.#imposed.push(refusal);
  }

  /** Something has become free: deferred resizes are tried again, each by itself. */
  retry(): void {
    const waiting = this.#parts.pods().filter(({ pending, stopping }) => pending?.reason === "Deferred" && !stopping);
    const nowMs = this.#parts.clock.monotonicMs();
    for (const { pod } of inRetryOrder(waiting.map(toPending))) this.#consider(pod, nowMs);
  }

  #consider(pod: RunningPod, changedAtMs: number): void {
    const { view } = pod;
    if (pod.stopping) return;
    const news = pod.observedGeneration !== view.generation;
    pod.observedGeneration = view.generation;
    if (view.mirror || sameResources(view.resources, pod.allocated)) {
      pod.pending = null;
      if (news) this.#parts.save(pod);
      return;
    }
    const refusal =
      this.#imposed.shift() ??
      refusalOf(this.#parts.limits, view, countedFor(view, view.resources), this.#parts.used(pod));
    if (refusal) this.#postpone(pod, refusal);
    else this.#allocate(pod, changedAtMs);
  }

  #postpone(pod: RunningPod, refusal: Refusal): void {
    const before = pod.pending;
    const { generation } = pod.view;
    if (before?.generation === generation && before.message === refusal.message) return;
    const sinceMs = before?.reason === refusal.reason ? before.sinceMs : this.#parts.clock.wallMs();
    pod.pending = { ...refusal, generation, sinceMs };
    if (before?.generation !== generation) this.#parts.writer.tell(pod.view, resizeRefused(pod.view, refusal));
    this.#parts.save(pod);
    if (refusal.reason === "Deferred") this.#armRetry();
  }

  #armRetry(): void {
    if (this.#retryArmed) return;
    this.#retryArmed = true;
    const { retryMs } = this.#parts.delays;
    this.#parts.after([retryMs, retryMs], () => {
      this.#retryArmed = false;
      this.retry();
      if (this.#parts.pods().some(({ pending }) => pending?.reason === "Deferred")) this.#armRetry();
    });
  }

  #allocate(pod: RunningPod, changedAtMs: number): void {
    pod.allocated = pod.view.resources;
    pod.pending = null;
    pod.inProgress = { generation: pod.view.generation, sinceMs: this.#parts.clock.wallMs() };
    this.#parts.writer.tell(pod.view, resizeStarted(pod.view));
    this.#parts.save(pod);
    const { clock, after, delays } = this.#parts;
    const passedMs = (): number => clock.monotonicMs() - changedAtMs;
    after(remaining(delays.actuate, passedMs()), () => {
      this.#actuate(pod);
      after(remaining(delays.report, passedMs()), () => this.#report(pod));
    });
  }

  #actuate(pod: RunningPod): void {
    if (pod.stopping) return;
    const before = pod.actuated;
    for (const step of actuationSteps(before, pod.allocated)) this.#parts.runtime.resize(pod.view.uid, step);
    pod.actuated = pod.allocated;
    for (const name of pod.view.restartsOnCpu) {
      const [old, now] = [before.get(name), pod.actuated.get(name)];
      if (old?.requestMilli !== now?.requestMilli || old?.limitMilli !== now?.limitMilli)
        this.#parts.restart(pod, name);
    }
  }

  #report(pod: RunningPod): void {
    if (pod.stopping) return;
    pod.actual = pod.actuated;
    if (pod.inProgress && sameResources(pod.actual, pod.allocated)) {
      pod.inProgress = null;
      this.#parts.writer.tell(pod.view, resizeCompleted(pod.view, pod.actual));
    }
    this.#parts.save(pod);
    this.retry();
  }
}

function remaining([fromMs, toMs]: DelayRange, passedMs: number): DelayRange {
  return [Math.max(0, fromMs - passedMs), Math.max(0, toMs - passedMs)];
}

function toPending(pod: RunningPod): PendingResize & { readonly pod: RunningPod } {
  const [wanted, held] = [requestsOf(pod.view.resources), requestsOf(pod.allocated)];
  const { qos, priority } = pod.view;
  const increases = wanted.cpu > held.cpu || wanted.memory > held.memory;
  return { pod, qos, priority, increases, sinceMs: pod.pending?.sinceMs ?? 0 };
}

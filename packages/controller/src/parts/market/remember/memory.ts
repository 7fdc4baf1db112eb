import { type Clock, NumberRows } from "@walras/kit";

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import type { Habits, Use } from "../observe/habits.ts";
import { Meter, meterWidth } from "./meter.ts";
import type { Minute } from "./history.ts";
import { type Moment, recentMilli, requestNeed } from "./need.ts";
import type { RememberPolicy } from "./policy.ts";
import { keyOfPod, type RememberedWorkload, type Workloads } from "./workloads.ts";

export interface MemoryOptions {
  readonly policy: RememberPolicy;
  readonly workloads: Workloads;
  /** Whether what was written down has been read: until then what is not known may be known. */
  readonly isRead: () => boolean;
  readonly clock: Clock;
}

/** A running pod: its workload, where there was room for it, and a meter for each of its few containers. */
interface RunningPod {
  workload: RememberedWorkload | undefined;
  meters: readonly Meter[];
}

function meterOf(running: RunningPod | undefined, container: string): Meter | undefined {
  return running?.meters.find((meter) => meter.container === container);
}

/** What workloads have been seen to need: fed by samples, asked for requests. */
export class Memory implements Habits {
  readonly #options: MemoryOptions;
  readonly #pods = new Map<string, RunningPod>();
  readonly #rows = new NumberRows(meterWidth);

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  note(pod: PodState, container: ContainerState, use: Use): void {
    const running = this.#running(pod);
    const meter = meterOf(running, container.name);
    if (meter?.containerId !== container.containerId) this.#begin(running, container, use.atMs);
    else if (meter.isNews(use.atMs)) {
      const minute = meter.add(use);
      if (minute) this.#learn(pod, running, container.name, minute);
    }
  }

  requestMilli(pod: PodState, container: ContainerState, declaredMilli: number): number | null {
    const { clock, policy, isRead, workloads } = this.#options;
    const running = this.#pods.get(pod.uid);
    const now = { nowMs: clock.wallMs(), declaredMilli, ...this.#lately(meterOf(running, container.name)) };
    // Unknown is not nothing: it keeps what it has, and what it needs.
    if (!isRead()) return Math.max(container.allocatedMilli ?? container.desired.requestMilli ?? 0, recentMilli(now));
    const workload = running?.workload ?? workloads.get(keyOfPod(pod));
    const history = workload?.containers.get(container.name);
    return history ? requestNeed(history, now, policy) : null;
  }

  /** The highest mean of a minute that each container of a workload's pods has needed lately. */
  recentMinutes(): ReadonlyMap<RememberedWorkload, ReadonlyMap<string, number>> {
    const nowMs = this.#options.clock.monotonicMs();
    const found = new Map<RememberedWorkload, Map<string, number>>();
    for (const { workload, meters } of this.#pods.values()) {
      if (!workload) continue;
      const recent = found.get(workload) ?? new Map<string, number>();
      found.set(workload, recent);
      for (const meter of meters)
        recent.set(meter.container, Math.max(recent.get(meter.container) ?? 0, meter.minuteMilli(nowMs)));
    }
    return found;
  }

  forget(podUid: string): void {
    const running = this.#pods.get(podUid);
    this.#pods.delete(podUid);
    for (const meter of running?.meters ?? []) meter.end();
    if (running?.workload) this.#options.workloads.left(running.workload);
  }

  #running(pod: PodState): RunningPod {
    let running = this.#pods.get(pod.uid);
    if (!running) {
      running = { workload: this.#options.workloads.joined(pod), meters: [] };
      this.#pods.set(pod.uid, running);
    }
    return running;
  }

  /** It has started, or started again. */
  #begin(running: RunningPod, container: ContainerState, atMs: number): void {
    const before = meterOf(running, container.name);
    before?.end();
    const others = running.meters.filter((meter) => meter !== before);
    // Not pushed: an array that grows has room for many more.
    running.meters = [...others, new Meter(container, atMs, this.#rows)];
  }

  #learn(pod: PodState, running: RunningPod, container: string, minute: Minute): void {
    const { workloads, clock } = this.#options;
    // Who found no room asks again: by now somebody may have ended. So does who was forgotten and runs again.
    if (!running.workload || !workloads.holds(running.workload)) running.workload = workloads.joined(pod);
    if (running.workload) workloads.learn(running.workload, container, minute, clock.wallMs());
  }

  #lately(meter: Meter | undefined): Pick<Moment, "secondsMilli" | "minuteMilli"> {
    const nowMs = this.#options.clock.monotonicMs();
    return { secondsMilli: meter?.secondsMilli(nowMs) ?? 0, minuteMilli: meter?.minuteMilli(nowMs) ?? 0 };
  }
}

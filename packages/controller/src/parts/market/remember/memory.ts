import type { Clock } from "@walras/kit";

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import type { Habits, Use } from "../observe/habits.ts";
import { Meter } from "./meter.ts";
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

/** A running pod: its workload, where there was room for it, and a meter for each container by name. */
interface RunningPod {
  workload: RememberedWorkload | undefined;
  readonly meters: Map<string, Meter>;
}

/** What workloads have been seen to need: fed by samples, asked for requests. */
export class Memory implements Habits {
  readonly #options: MemoryOptions;
  readonly #pods = new Map<string, RunningPod>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  note(pod: PodState, { name, containerId }: ContainerState, use: Use): void {
    const running = this.#running(pod);
    const meter = running.meters.get(name);
    if (meter?.containerId !== containerId) {
      // It has started, or started again.
      running.meters.set(name, new Meter(containerId, use.atMs));
    } else if (meter.isNews(use.atMs)) {
      const minute = meter.add(use);
      if (minute) this.#learn(pod, running, name, minute);
    }
  }

  requestMilli(pod: PodState, container: ContainerState, declaredMilli: number): number | null {
    const { clock, policy, isRead, workloads } = this.#options;
    const running = this.#pods.get(pod.uid);
    const now = { nowMs: clock.wallMs(), declaredMilli, ...this.#lately(running?.meters.get(container.name)) };
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
      for (const [name, meter] of meters) recent.set(name, Math.max(recent.get(name) ?? 0, meter.minuteMilli(nowMs)));
    }
    return found;
  }

  forget(podUid: string): void {
    const running = this.#pods.get(podUid);
    this.#pods.delete(podUid);
    if (running?.workload) this.#options.workloads.left(running.workload);
  }

  #running(pod: PodState): RunningPod {
    let running = this.#pods.get(pod.uid);
    if (!running) {
      running = { workload: this.#options.workloads.joined(pod), meters: new Map() };
      this.#pods.set(pod.uid, running);
    }
    return running;
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

import { VirtualClock } from "@walras/kit";

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import { Memory } from "./memory.ts";
import { defaultRememberPolicy } from "./policy.ts";
import { type RememberedWorkload, Workloads } from "./workloads.ts";

export const policy = defaultRememberPolicy;

const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
/** How long it was used each time, so that weeks take seconds. */
const sampleMs = 3 * secondMs;

/** A Monday, 00:00 UTC. */
export const monday = Date.UTC(2026, 0, 5);

/** A pod of a Deployment, for tests. */
export function podOf(name: string, uid: string, part: Partial<PodState> = {}): PodState {
  const containers = [aContainerState({ containerId: `c-${uid}`, desired: { requestMilli: 400, limitMilli: 800 } })];
  return aPod({ uid, name: `${name}-${uid}`, workload: { kind: "Deployment", name }, containers, ...part });
}

/** The first of a pod's containers, for tests. */
export function containerOf({ containers: [first] }: PodState): ContainerState {
  if (!first) throw new Error("a pod without containers");
  return first;
}

/** What remembers, fed by hand under a virtual clock. */
export class MemoryBed {
  readonly clock: VirtualClock;
  readonly workloads: Workloads;
  readonly memory: Memory;
  readonly dropped: string[] = [];
  read = true;
  #usedMs = 0;

  constructor({
    clock = new VirtualClock(monday),
    most = 100,
    dropped = (_: RememberedWorkload): void => undefined,
  } = {}) {
    this.clock = clock;
    this.workloads = new Workloads(policy, most, (one) => {
      this.dropped.push(one.key);
      dropped(one);
    });
    this.memory = new Memory({
      policy,
      workloads: this.workloads,
      isRead: () => this.read,
      clock,
    });
  }

  /** Pods use this much for so long; what was between two runs was not watched. @param milli a number, or what it is at a moment of the wall clock */
  async run(
    pods: PodState | readonly PodState[],
    milli: number | ((wallMs: number) => number),
    forMs: number,
  ): Promise<void> {
    const use = typeof milli === "number" ? (): number => milli : milli;
    for (let passedMs = 0; passedMs < forMs; passedMs += sampleMs) {
      await this.clock.advance(sampleMs);
      const usageMilli = use(this.clock.wallMs());
      const atMs = this.clock.monotonicMs();
      const coveredMs = atMs - this.#usedMs === sampleMs ? sampleMs : 0;
      this.#usedMs = atMs;
      const heard = { atMs, coveredMs, neededMilliMs: usageMilli * coveredMs, meanMilli: usageMilli };
      for (const pod of [pods].flat()) for (const container of pod.containers) this.memory.note(pod, container, heard);
    }
  }

  /** The request of a pod that declared 400m. */
  request(pod: PodState, declaredMilli = 400): number | null {
    return this.memory.requestMilli(pod, containerOf(pod), declaredMilli);
  }
}

import type { ContainerSample, NodeReading, Sampler, Wanted } from "@walras/node-agent";
import { BusySource } from "@walras/proto";
import type { SimNode } from "@walras/sim";

import { demandMilli } from "./scenario.ts";

/** What the sampler takes from around it. */
export interface Surroundings {
  /** Since the agents began. */
  readonly elapsedMs: () => number;
  readonly nameOf: (podUid: string) => string;
  readonly rng: () => number;
}

/**
 * What an agent would measure if its containers used what they are to use, up to their quotas: without a model of the machine, so
 * that thousands of nodes cost little.
 */
export class DemandSampler implements Sampler {
  readonly #node: SimNode;
  readonly #around: Surroundings;
  #sampledAtMs = 0;

  constructor(node: SimNode, around: Surroundings) {
    this.#node = node;
    this.#around = around;
  }

  sample({ podUidOf }: Wanted): NodeReading {
    const nowMs = this.#around.elapsedMs();
    const windowMs = nowMs - this.#sampledAtMs;
    this.#sampledAtMs = nowMs;
    const containers = [...this.#node.machine.groups.pods.values()].flatMap(({ setup: { uid }, containers: places }) =>
      [...places.values()]
        .filter(({ setup: { id } }) => !podUidOf || podUidOf.has(id))
        .map(({ setup, group }) => this.#sampleOf(uid, setup.id, { quota: group.quotaCores * 1000, nowMs, windowMs })),
    );
    const usedMilli = containers.reduce((sum, { usageMilli }) => sum + usageMilli, 0);
    return { windowMs, capturedUnixMs: 0, node: loadOf(usedMilli / (this.#node.facts.cores * 1000)), containers };
  }

  #sampleOf(
    podUid: string,
    containerId: string,
    { quota, nowMs, windowMs }: { readonly quota: number; readonly nowMs: number; readonly windowMs: number },
  ): ContainerSample {
    const { nameOf, rng } = this.#around;
    // A step in the middle of the window shows as far as the window has it.
    const wanted = meanMilli(nameOf(podUid), nowMs, { windowMs, turn: rng() });
    const lacking = Math.max(0, wanted - quota);
    return {
      podUid,
      containerId,
      runtime: "containerd",
      usageMilli: Math.min(wanted, quota),
      throttledRatio: lacking > 0 ? 1 : 0,
      throttledMilli: lacking,
      pressureRatio: 0,
      quotaMilli: quota === Infinity ? null : Math.round(quota),
      podQuotaMilli: quota === Infinity ? null : Math.round(quota),
      sharesOrWeight: 0,
    };
  }
}

function meanMilli(pod: string, nowMs: number, { windowMs, turn }: { windowMs: number; turn: number }): number {
  return (demandMilli(pod, nowMs - windowMs / 2, turn) + demandMilli(pod, nowMs, turn)) / 2;
}

function loadOf(busyFraction: number): NodeReading["node"] {
  return {
    busyFraction,
    windowBusyFraction: busyFraction,
    busySource: BusySource.BUSY_SOURCE_PROC_STAT,
    memoryTotalBytes: 32e9,
    memoryAvailableBytes: 24e9,
  };
}

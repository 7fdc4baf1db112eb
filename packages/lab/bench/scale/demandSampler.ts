import type { ContainerSample, NodeReading, Sampler, Wanted } from "@walras/node-agent";
import { BusySource } from "@walras/proto";
import type { Clock } from "@walras/kit";
import type { SimNode } from "@walras/sim";

import type { DemandOf } from "./scenario.ts";

/** What the sampler takes from around it. */
export interface Surroundings {
  /** Since the steps began; less than 0 before. */
  readonly elapsedMs: () => number;
  readonly clock: Clock;
  /** By the pod's UID. */
  readonly demands: ReadonlyMap<string, DemandOf>;
  readonly rng: () => number;
}

/**
 * What an agent would measure if its containers used what they are to use, up to their quotas: without a model of the machine, so
 * that thousands of nodes cost little.
 */
export class DemandSampler implements Sampler {
  readonly #node: SimNode;
  readonly #around: Surroundings;
  #sampledAtMs: number;

  constructor(node: SimNode, around: Surroundings) {
    this.#node = node;
    this.#around = around;
    this.#sampledAtMs = around.clock.monotonicMs();
  }

  sample({ podUidOf }: Wanted): NodeReading {
    const atMs = this.#around.clock.monotonicMs();
    const windowMs = atMs - this.#sampledAtMs;
    this.#sampledAtMs = atMs;
    const elapsedMs = this.#around.elapsedMs();
    const containers = [...this.#node.machine.groups.pods.values()].flatMap(({ setup: { uid }, containers: places }) =>
      [...places.values()]
        .filter(({ setup: { id } }) => !podUidOf || podUidOf.has(id))
        .map(({ setup, group }) =>
          this.#sampleOf(uid, setup.id, { quota: group.quotaCores * 1000, elapsedMs, windowMs }),
        ),
    );
    const usedMilli = containers.reduce((sum, { usageMilli }) => sum + usageMilli, 0);
    return { windowMs, capturedUnixMs: 0, node: loadOf(usedMilli / (this.#node.facts.cores * 1000)), containers };
  }

  #sampleOf(
    podUid: string,
    containerId: string,
    { quota, elapsedMs, windowMs }: { readonly quota: number; readonly elapsedMs: number; readonly windowMs: number },
  ): ContainerSample {
    const { demands, rng } = this.#around;
    const demand = demands.get(podUid) ?? idle;
    const turn = rng();
    // A step in the middle of the window shows as far as the window has it.
    const wanted = (demand(elapsedMs - windowMs / 2, turn) + demand(elapsedMs, turn)) / 2;
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

const idle: DemandOf = () => 0;

function loadOf(busyFraction: number): NodeReading["node"] {
  return {
    busyFraction,
    windowBusyFraction: busyFraction,
    busySource: BusySource.BUSY_SOURCE_PROC_STAT,
    memoryTotalBytes: 32e9,
    memoryAvailableBytes: 24e9,
  };
}

import type { Clock } from "@walras/kit";
import type { ContainerSample, NodeReading, Sampler, Wanted } from "@walras/node-agent";
import { BusySource } from "@walras/proto";

import { containerIdScheme } from "../node/cgroupNames.ts";
import type { CpuGroup } from "../node/cpuGroup.ts";
import type { Machine } from "../node/machine.ts";
import type { NodeFacts } from "../node/nodeObject.ts";
import type { ContainerPlace, PodPlace } from "../node/podGroups.ts";

type Counters = Pick<CpuGroup, "usedUsec" | "periods" | "throttledPeriods" | "throttledUsec" | "stalledUsec">;

interface Window {
  readonly group: CpuGroup;
  readonly before: Counters;
}

const busyWindowUsec = 30e6;

/** What a node's agent would measure, read from the model: for runs too large for files. */
export class ModelSampler implements Sampler {
  readonly #machine: Machine;
  readonly #facts: NodeFacts;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  readonly #loads: { usedUsec: number; uptimeUsec: number }[] = [];
  #sampledAtMs = 0;
  #bad = false;

  constructor({ machine, facts, clock }: { machine: Machine; facts: NodeFacts; clock: Clock }) {
    this.#machine = machine;
    this.#facts = facts;
    this.#clock = clock;
  }

  /** From now on all usage is NaN, or right again. */
  setBad(bad: boolean): void {
    this.#bad = bad;
  }

  /** The window is counted in the machine's own time, which moves by whole periods. */
  sample({ podUidOf }: Wanted): NodeReading {
    const nowMs = this.#machine.load.uptimeUsec / 1000;
    const windowMs = nowMs - this.#sampledAtMs;
    this.#sampledAtMs = nowMs;
    return {
      windowMs,
      capturedUnixMs: this.#clock.wallMs(),
      node: {
        busyFraction: this.#busyFraction(),
        windowBusyFraction: this.#windowBusyFraction(),
        busySource: BusySource.BUSY_SOURCE_PROC_STAT,
        memoryTotalBytes: this.#facts.memoryBytes,
        memoryAvailableBytes: this.#facts.memoryBytes * 0.75,
      },
      containers: this.#containers(windowMs, podUidOf),
    };
  }

  #containers(windowMs: number, wanted: Wanted["podUidOf"]): readonly ContainerSample[] {
    const samples: ContainerSample[] = [];
    const seen = new Set<string>();
    for (const pod of this.#machine.groups.pods.values()) {
      const podBefore = this.#shift(pod.setup.uid, pod.group, seen);
      for (const container of pod.containers.values()) {
        if (wanted && !wanted.has(container.setup.id)) continue;
        const before = this.#shift(container.setup.id, container.group, seen);
        if (before && windowMs > 0) samples.push(this.#sampleOf(pod, container, { before, podBefore, windowMs }));
      }
    }
    for (const id of this.#windows.keys()) if (!seen.has(id)) this.#windows.delete(id);
    return samples;
  }

  /** Ends a group's window and begins the next; undefined for the first. */
  #shift(id: string, group: CpuGroup, seen: Set<string>): Counters | undefined {
    const known = this.#windows.get(id);
    const { usedUsec, periods, throttledPeriods, throttledUsec, stalledUsec } = group;
    this.#windows.set(id, { group, before: { usedUsec, periods, throttledPeriods, throttledUsec, stalledUsec } });
    seen.add(id);
    return known?.group === group ? known.before : undefined;
  }

  #sampleOf(
    pod: PodPlace,
    { setup, group }: ContainerPlace,
    { before, podBefore, windowMs }: { before: Counters; podBefore: Counters | undefined; windowMs: number },
  ): ContainerSample {
    const windowUsec = windowMs * 1000;
    const usedMilli = ((group.usedUsec - before.usedUsec) / windowUsec) * 1000;
    const ratios = [throttledRatio(group, before), podBefore ? throttledRatio(pod.group, podBefore) : null];
    const known = ratios.filter((ratio) => ratio !== null);
    return {
      podUid: pod.setup.uid,
      containerId: setup.id,
      runtime: containerIdScheme(this.#facts.layout),
      usageMilli: this.#bad ? Number.NaN : usedMilli,
      throttledRatio: known.length === 0 ? null : Math.max(...known),
      throttledMilli: ((group.throttledUsec - before.throttledUsec) / windowUsec) * 1000,
      pressureRatio:
        this.#facts.layout.version === "v1" ? null : Math.min(1, (group.stalledUsec - before.stalledUsec) / windowUsec),
      quotaMilli: milliOf(group.quotaCores),
      podQuotaMilli: milliOf(pod.group.quotaCores),
      sharesOrWeight: group.weight,
    };
  }

  #busyFraction(): number | null {
    const { usedUsec, uptimeUsec, cores } = this.#machine.load;
    this.#loads.push({ usedUsec, uptimeUsec });
    while ((this.#loads[1]?.uptimeUsec ?? Infinity) <= uptimeUsec - busyWindowUsec) this.#loads.shift();
    const [first] = this.#loads;
    if (!first || uptimeUsec === first.uptimeUsec) return null;
    return (usedUsec - first.usedUsec) / ((uptimeUsec - first.uptimeUsec) * cores);
  }

  /** Of the load noted last, against the one before. */
  #windowBusyFraction(): number | null {
    const [before, now] = this.#loads.slice(-2);
    if (!before || !now || now.uptimeUsec === before.uptimeUsec) return null;
    return (now.usedUsec - before.usedUsec) / ((now.uptimeUsec - before.uptimeUsec) * this.#machine.load.cores);
  }
}

function throttledRatio(group: CpuGroup, before: Counters): number | null {
  const periods = group.periods - before.periods;
  return periods <= 0 ? null : (group.throttledPeriods - before.throttledPeriods) / periods;
}

function milliOf(quotaCores: number): number | null {
  return quotaCores === Infinity ? null : Math.round(quotaCores * 1000);
}

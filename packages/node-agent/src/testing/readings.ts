import { BusySource, CgroupVersion } from "@walras/proto";

import type { ContainerSample, NodeReading, Sampler, Wanted } from "../sample/sampler.ts";

/** What an agent says of itself first. */
export const hello = {
  nodeName: "n1",
  bootId: "b1",
  agentVersion: "0",
  cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
  pressureAvailable: true,
};

/** A container that does nothing, but for what is given. */
export function sampleOf(containerId: string, given: Partial<ContainerSample> = {}): ContainerSample {
  return {
    podUid: `pod-of-${containerId}`,
    containerId,
    runtime: "containerd",
    usageMilli: 100,
    throttledRatio: null,
    throttledMilli: 0,
    pressureRatio: null,
    quotaMilli: null,
    podQuotaMilli: null,
    sharesOrWeight: 100,
    ...given,
  };
}

/** One second of a node. */
export function readingOf(containers: readonly ContainerSample[], windowMs = 1000): NodeReading {
  const node = {
    busyFraction: null,
    windowBusyFraction: null,
    busySource: BusySource.BUSY_SOURCE_PROC_STAT,
    memoryTotalBytes: null,
    memoryAvailableBytes: null,
  };
  return { windowMs, capturedUnixMs: 0, node, containers };
}

/** Says what the test tells it to. */
export class FakeSampler implements Sampler {
  containers: readonly ContainerSample[] = [];
  wanted: Wanted | null = null;
  failure: Error | null = null;

  sample(wanted: Wanted): NodeReading {
    if (this.failure) throw this.failure;
    this.wanted = wanted;
    return readingOf(this.containers);
  }
}

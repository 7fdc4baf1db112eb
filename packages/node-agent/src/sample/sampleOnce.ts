import { type Clock, sleep } from "@walras/kit";

import type { Hierarchy } from "../cgroup/hierarchy.ts";
import { CgroupSampler } from "./cgroupSampler.ts";
import type { TroubleObserver } from "./containerSampler.ts";
import { type ContainerSample, everything } from "./sampler.ts";

export interface SampleOnceOptions {
  readonly cgroupRoot: string;
  readonly procRoot: string;
  /** Length of the window in milliseconds. */
  readonly forMs: number;
  readonly clock: Clock;
  /** Is told of files that cannot be read; by default nobody is. */
  readonly observer?: TroubleObserver;
}

/** What `sampleOnce` tells of one container. */
export interface SampledContainer {
  readonly podUID: string;
  readonly containerID: string;
  readonly runtime: string;
  readonly usageMilli: number;
  /** 0..1; null where no period of a quota ended in the window */
  readonly throttledRatio: number | null;
  /** null where unlimited */
  readonly quotaMilli: number | null;
  readonly sharesOrWeight: number | null;
}

/** What a machine, or a tree of files that looks like one, shows over one window. */
export interface MachineSample {
  readonly cgroup: Hierarchy["cgroup"];
  readonly containers: readonly SampledContainer[];
}

/**
 * Looks at every container of a machine for one window.
 *
 * @throws FieldError where `cgroupRoot` has no CPU controller
 */
export async function sampleOnce(options: SampleOnceOptions): Promise<MachineSample> {
  const { cgroupRoot, procRoot, forMs, clock, observer = { unreadable: () => undefined } } = options;
  const sampler = new CgroupSampler({ cgroupRoot, procRoot, nodeBusy: "proc", clock, observer });
  try {
    sampler.sample(everything);
    await sleep(clock, forMs);
    const { containers } = sampler.sample(everything);
    return { cgroup: sampler.hierarchy.cgroup, containers: containers.map(shown) };
  } finally {
    sampler.close();
  }
}

function shown(sample: ContainerSample): SampledContainer {
  return {
    podUID: sample.podUid,
    containerID: sample.containerId,
    runtime: sample.runtime,
    usageMilli: rounded(sample.usageMilli),
    throttledRatio: sample.throttledRatio === null ? null : rounded(sample.throttledRatio),
    quotaMilli: sample.quotaMilli === null ? null : rounded(sample.quotaMilli),
    sharesOrWeight: sample.sharesOrWeight,
  };
}

/** To thousandths, which is more than the kernel's clock tells. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

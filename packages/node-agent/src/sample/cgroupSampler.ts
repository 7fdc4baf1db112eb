import { join } from "node:path";

import type { Clock } from "@walras/kit";

import { detectHierarchy, type Hierarchy } from "../cgroup/hierarchy.ts";
import { Sandboxes } from "../cgroup/sandbox.ts";
import { NodeMeter } from "../procfs/nodeMeter.ts";
import type { NodeBusy } from "../procfs/nodeScope.ts";
import { readKernelFile } from "../text/kernelFile.ts";
import { KernelText } from "../text/kernelText.ts";
import { ContainerSampler, type TroubleObserver } from "./containerSampler.ts";
import type { NodeReading, Sampler, Wanted } from "./sampler.ts";

export interface CgroupSamplerOptions {
  /** Where the cgroup file system is mounted. */
  readonly cgroupRoot: string;
  readonly procRoot: string;
  readonly nodeBusy: NodeBusy;
  readonly clock: Clock;
  readonly observer: TroubleObserver;
}

/** Samples a node from what its kernel says. Reads files only: it never starts a process. */
export class CgroupSampler implements Sampler {
  readonly hierarchy: Hierarchy;
  readonly #clock: Clock;
  readonly #containers: ContainerSampler;
  readonly #node: NodeMeter;
  #lastMs: number | null = null;

  /** @throws FieldError where `cgroupRoot` has no CPU controller */
  constructor({ cgroupRoot, procRoot, nodeBusy, clock, observer }: CgroupSamplerOptions) {
    this.hierarchy = detectHierarchy(cgroupRoot);
    this.#clock = clock;
    const sandboxes = new Sandboxes(this.hierarchy, procRoot);
    this.#containers = new ContainerSampler({ hierarchy: this.hierarchy, sandboxes, clock, observer });
    this.#node = new NodeMeter({ hierarchy: this.hierarchy, procRoot, nodeBusy, clock, observer });
  }

  sample(wanted: Wanted): NodeReading {
    const nowMs = this.#clock.monotonicMs();
    const windowMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    const containers = this.#containers.sample(wanted);
    const seen = { nodePaths: this.#containers.trees.nodePaths(), found: this.#containers.found };
    const node = this.#node.sample(seen, wanted);
    return { windowMs, capturedUnixMs: this.#clock.wallMs(), node, containers };
  }

  /** Whether this kernel reports pressure stall information for groups. */
  pressureAvailable(): boolean {
    const text = new KernelText();
    const isThere = (path: string): boolean => {
      try {
        return readKernelFile(join(this.hierarchy.pressureDirectory, path, "cpu.pressure"), text);
      } catch {
        return false;
      }
    };
    return ["", ...this.#containers.trees.podsRoots()].some(isThere);
  }

  close(): void {
    this.#containers.close();
    this.#node.close();
  }
}

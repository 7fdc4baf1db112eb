import { type Clock, describeError } from "@walras/kit";

import { ContainerTrees } from "../cgroup/containerTrees.ts";
import type { FoundContainer } from "../cgroup/found.ts";
import { openCpuGroup } from "../cgroup/cpuGroup.ts";
import type { Hierarchy } from "../cgroup/hierarchy.ts";
import type { Sandboxes } from "../cgroup/sandbox.ts";
import { KernelText } from "../text/kernelText.ts";
import { MeasuredContainer } from "./measuredContainer.ts";
import { MeasuredPod } from "./measuredPod.ts";
import type { ContainerSample, Wanted } from "./sampler.ts";

/** Is told of what cannot be read or understood. */
export interface TroubleObserver {
  /** @param complaint names the kernel file and what it says */
  unreadable(complaint: string): void;
}

export interface ContainerSamplerOptions {
  readonly hierarchy: Hierarchy;
  readonly sandboxes: Sandboxes;
  readonly clock: Clock;
  readonly observer: TroubleObserver;
}

/** Samples all wanted containers of a hierarchy; one that cannot be read leaves the others alone. */
export class ContainerSampler {
  readonly trees: ContainerTrees;
  readonly #options: ContainerSamplerOptions;
  readonly #text = new KernelText();
  readonly #measured = new Map<string, MeasuredContainer>();
  readonly #pods = new Map<string, MeasuredPod>();
  readonly #sandboxes = new Set<string>();
  #found: readonly FoundContainer[] = [];
  #wanted: Wanted | null = null;
  /** One has vanished since the last look, and may come back at the same path. */
  #dropped = false;
  #round = 0;
  #opened = 0;

  constructor(options: ContainerSamplerOptions) {
    this.#options = options;
    this.trees = new ContainerTrees(options.hierarchy.cpuDirectory, options.clock);
  }

  /** Everything seen at the last sample, wanted or not. */
  get found(): readonly FoundContainer[] {
    return this.#found;
  }

  sample(wanted: Wanted): ContainerSample[] {
    this.#round += 1;
    this.#look(wanted);
    const samples: ContainerSample[] = [];
    for (const one of this.#measured.values()) {
      const sample = this.#sampleOne(one, wanted);
      if (sample !== null) samples.push(sample);
    }
    this.#closeIdlePods();
    return samples;
  }

  close(): void {
    for (const one of this.#measured.values()) one.close();
    for (const pod of this.#pods.values()) pod.close();
    this.#measured.clear();
    this.#pods.clear();
  }

  #look(wanted: Wanted): void {
    if (wanted !== this.#wanted) this.trees.forget();
    const found = this.trees.scan();
    if (found !== this.#found || wanted !== this.#wanted || this.#dropped) this.#follow(found, wanted);
    this.#found = found;
    this.#wanted = wanted;
    this.#dropped = false;
  }

  /** Opens what is new and closes what has gone or is not wanted any more. */
  #follow(all: readonly FoundContainer[], wanted: Wanted): void {
    const paths = new Set<string>();
    for (const found of all) {
      if (!this.#isWanted(found, wanted)) continue;
      paths.add(found.path);
      if (!this.#measured.has(found.path)) {
        this.#measured.set(
          found.path,
          new MeasuredContainer(found, this.#opened++, { hierarchy: this.#options.hierarchy, text: this.#text }),
        );
      }
    }
    for (const [path, one] of this.#measured) if (!paths.has(path)) this.#drop(path, one);
  }

  #isWanted(found: FoundContainer, { podUidOf }: Wanted): boolean {
    if (podUidOf !== null) return podUidOf.has(found.containerId);
    if (this.#measured.has(found.path)) return true;
    if (!this.#sandboxes.has(found.path) && this.#options.sandboxes.isSandbox(found.path)) {
      this.#sandboxes.add(found.path);
    }
    return !this.#sandboxes.has(found.path);
  }

  #sampleOne(one: MeasuredContainer, { podUidOf }: Wanted): ContainerSample | null {
    const { path, podPath, containerId, podName } = one.found;
    try {
      const pod = this.#pod(podPath).read(this.#round);
      const sample = one.sample(this.#options.clock, pod, podUidOf?.get(containerId) ?? podName);
      if (sample !== "gone") return sample;
      this.#drop(path, one);
      this.#dropped = true;
      this.trees.forget();
    } catch (error) {
      one.reset();
      this.#options.observer.unreadable(describeError(error));
    }
    return null;
  }

  #pod(path: string): MeasuredPod {
    const known = this.#pods.get(path);
    if (known) return known;
    const pod = new MeasuredPod(openCpuGroup(this.#options.hierarchy, path, this.#text), this.#opened++);
    this.#pods.set(path, pod);
    return pod;
  }

  #closeIdlePods(): void {
    for (const [path, pod] of this.#pods) {
      if (pod.round === this.#round) continue;
      pod.close();
      this.#pods.delete(path);
    }
  }

  #drop(path: string, one: MeasuredContainer): void {
    one.close();
    this.#measured.delete(path);
  }
}

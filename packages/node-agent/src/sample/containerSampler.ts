import { type Clock, describeError } from "@walras/kit";

import { ContainerTrees, type FoundContainer } from "../cgroup/containerTrees.ts";
import { neverThrottled } from "../cgroup/counters.ts";
import { type CpuGroup, openCpuGroup } from "../cgroup/cpuGroup.ts";
import type { Hierarchy } from "../cgroup/hierarchy.ts";
import type { Sandboxes } from "../cgroup/sandbox.ts";
import { KernelText } from "../text/kernelText.ts";
import { MeasuredContainer, type PodReading } from "./measuredContainer.ts";
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

interface OpenPod {
  readonly group: CpuGroup;
  round: number;
  reading: PodReading;
}

/** Samples all wanted containers of a hierarchy; one that cannot be read leaves the others alone. */
export class ContainerSampler {
  readonly trees: ContainerTrees;
  readonly #options: ContainerSamplerOptions;
  readonly #text = new KernelText();
  readonly #measured = new Map<string, MeasuredContainer>();
  readonly #pods = new Map<string, OpenPod>();
  readonly #sandboxes = new Set<string>();
  #found: readonly FoundContainer[] = [];
  #wanted: Wanted | null = null;
  #round = 0;

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
    if (wanted !== this.#wanted) this.trees.forget();
    this.#wanted = wanted;
    this.#found = this.trees.scan();
    this.#follow(wanted);
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
    for (const { group } of this.#pods.values()) group.close();
    this.#measured.clear();
    this.#pods.clear();
  }

  /** Opens what is new and closes what has gone or is not wanted any more. */
  #follow(wanted: Wanted): void {
    const paths = new Set<string>();
    for (const found of this.#found) {
      if (!this.#isWanted(found, wanted)) continue;
      paths.add(found.path);
      if (!this.#measured.has(found.path)) {
        this.#measured.set(found.path, new MeasuredContainer(this.#options.hierarchy, found, this.#text));
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
      const pod = this.#readPod(podPath);
      const sample = one.sample(this.#options.clock, pod, podUidOf?.get(containerId) ?? podName);
      if (sample !== "gone") return sample;
      this.#drop(path, one);
      this.trees.forget();
    } catch (error) {
      one.reset();
      this.#options.observer.unreadable(describeError(error));
    }
    return null;
  }

  #readPod(path: string): PodReading {
    const pod = this.#pods.get(path) ?? this.#openPod(path);
    if (pod.round !== this.#round) {
      pod.reading = { throttle: pod.group.throttle(), quotaMilli: pod.group.quotaMilli() };
      pod.round = this.#round;
    }
    return pod.reading;
  }

  #openPod(path: string): OpenPod {
    const group = openCpuGroup(this.#options.hierarchy, path, this.#text);
    const pod: OpenPod = { group, round: 0, reading: { throttle: neverThrottled, quotaMilli: null } };
    this.#pods.set(path, pod);
    return pod;
  }

  #closeIdlePods(): void {
    for (const [path, { group, round }] of this.#pods) {
      if (round === this.#round) continue;
      group.close();
      this.#pods.delete(path);
    }
  }

  #drop(path: string, one: MeasuredContainer): void {
    one.close();
    this.#measured.delete(path);
  }
}

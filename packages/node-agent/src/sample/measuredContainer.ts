import { join } from "node:path";

import type { Clock } from "@walras/kit";

import type { FoundContainer } from "../cgroup/found.ts";
import { type CpuGroup, openCpuGroup } from "../cgroup/cpuGroup.ts";
import type { Hierarchy } from "../cgroup/hierarchy.ts";
import { settingsChild } from "../cgroup/settingsChild.ts";
import type { KernelText } from "../text/kernelText.ts";
import type { PodReading } from "./measuredPod.ts";
import { RareReading } from "./rareReading.ts";
import type { ContainerSample } from "./sampler.ts";
import { type CounterSnapshot, ratesBetween } from "./window.ts";

/** One container whose groups are open, and its counters at the end of the last window. */
export class MeasuredContainer {
  readonly found: FoundContainer;
  readonly #group: CpuGroup;
  /** crun puts the settings into a child of the group the runtime asked for. */
  readonly #child: CpuGroup | null;
  readonly #rare: RareReading;
  #before: CounterSnapshot | null = null;
  #quotaMilli: number | null = null;
  #sharesOrWeight: number | null = null;

  /** @param order as of RareReading */
  constructor(found: FoundContainer, order: number, { hierarchy, text }: { hierarchy: Hierarchy; text: KernelText }) {
    this.found = found;
    this.#rare = new RareReading(order);
    this.#group = openCpuGroup(hierarchy, found.path, text);
    const child = settingsChild(hierarchy, found.path);
    this.#child = child === null ? null : openCpuGroup(hierarchy, join(found.path, child), text);
  }

  /**
   * The window that ends now.
   *
   * @returns "gone" where the group has vanished, null where the window is not known
   * @throws Error naming the kernel file that cannot be read or understood
   */
  sample(clock: Clock, pod: PodReading, podUid: string): ContainerSample | "gone" | null {
    const after = this.#snapshot(clock, pod);
    if (after === null) return "gone";
    const before = this.#before;
    this.#before = after;
    this.#readLimits();
    const rates = before && ratesBetween(before, after);
    if (rates === null) return null;
    const { containerId, runtime } = this.found;
    return {
      podUid,
      containerId,
      runtime,
      usageMilli: rates.usageMilli,
      throttledRatio: rates.throttledRatio,
      throttledMilli: rates.throttledMilli,
      pressureRatio: rates.pressureRatio,
      quotaMilli: this.#quotaMilli,
      podQuotaMilli: pod.quotaMilli,
      sharesOrWeight: this.#sharesOrWeight,
    };
  }

  /** The next window begins anew. */
  reset(): void {
    this.#before = null;
  }

  close(): void {
    this.#group.close();
    this.#child?.close();
  }

  #snapshot(clock: Clock, pod: PodReading): CounterSnapshot | null {
    const atMs = clock.monotonicMs();
    const container = this.#group.counters();
    if (container === null) return null;
    const others = this.#child === null ? [pod.throttle] : [pod.throttle, this.#child.throttle()];
    return { atMs, container, others };
  }

  /** A quota may change with every decision of the market; where there is none, one seldom comes. */
  #readLimits(): void {
    const due = this.#rare.isDue();
    if (due) this.#sharesOrWeight = (this.#child ?? this.#group).sharesOrWeight();
    if (!due && this.#quotaMilli === null) return;
    this.#quotaMilli = smaller(this.#group.quotaMilli(), this.#child?.quotaMilli() ?? null);
  }
}

function smaller(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.min(one, other);
}

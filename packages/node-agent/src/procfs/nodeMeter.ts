import { join } from "node:path";

import { type Clock, describeError } from "@walras/kit";
import { BusySource } from "@walras/proto";

import type { FoundContainer } from "../cgroup/found.ts";
import { type CpuGroup, openCpuGroup } from "../cgroup/cpuGroup.ts";
import type { Hierarchy } from "../cgroup/hierarchy.ts";
import type { TroubleObserver } from "../sample/containerSampler.ts";
import type { NodeLoad, Wanted } from "../sample/sampler.ts";
import { readKernelFile } from "../text/kernelFile.ts";
import { KernelText } from "../text/kernelText.ts";
import { BusyHistory, type Meter } from "./busyHistory.ts";
import { type Memory, parseMemInfo } from "./memInfo.ts";
import { chooseBusySource, type NodeBusy, ownNodePath } from "./nodeScope.ts";
import { parseProcStat } from "./procStat.ts";

export interface NodeMeterOptions {
  readonly hierarchy: Hierarchy;
  readonly procRoot: string;
  readonly nodeBusy: NodeBusy;
  readonly clock: Clock;
  readonly observer: TroubleObserver;
}

/** What the sampler of containers has seen in the same round. */
export interface SeenContainers {
  readonly nodePaths: readonly string[];
  readonly found: readonly FoundContainer[];
}

const nanosPerMilliMs = 1000;

/** How busy the node is, and its memory. */
export class NodeMeter {
  readonly #options: NodeMeterOptions;
  readonly #text = new KernelText();
  readonly #history = new BusyHistory();
  #group: { readonly path: string; readonly group: CpuGroup } | null = null;
  #source: BusySource = BusySource.BUSY_SOURCE_UNSPECIFIED;
  #allocatableMilli: number | null = null;

  constructor(options: NodeMeterOptions) {
    this.#options = options;
  }

  sample(seen: SeenContainers, wanted: Wanted): NodeLoad {
    const nodePath = ownNodePath(seen.nodePaths, seen.found, wanted.podNames);
    this.#measureBy(chooseBusySource(this.#options.nodeBusy, this.#options.hierarchy.wholeMachine, nodePath), wanted);
    const advanced = this.#carefully(() => this.#advance(nodePath, wanted.allocatableMilli)) ?? false;
    const memory = this.#carefully(() => this.#memory());
    return {
      busyFraction: this.#history.fraction(),
      windowBusyFraction: advanced ? this.#history.lastFraction() : null,
      busySource: this.#source,
      memoryTotalBytes: memory?.totalBytes ?? null,
      memoryAvailableBytes: memory?.availableBytes ?? null,
    };
  }

  close(): void {
    this.#group?.group.close();
    this.#group = null;
  }

  /** Numbers of different sources, or against a different capacity, cannot be compared. */
  #measureBy(source: BusySource, { allocatableMilli }: Wanted): void {
    const byCgroup = source === BusySource.BUSY_SOURCE_CGROUP_ROOT;
    if (source !== this.#source || (byCgroup && allocatableMilli !== this.#allocatableMilli)) this.#history.clear();
    this.#source = source;
    this.#allocatableMilli = allocatableMilli;
  }

  /** @returns whether there was something to read */
  #advance(nodePath: string | null, allocatableMilli: number | null): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const meter =
      this.#source === BusySource.BUSY_SOURCE_CGROUP_ROOT
        ? this.#groupMeter(nowMs, nodePath, allocatableMilli)
        : this.#procMeter();
    if (meter) this.#history.add(nowMs, meter);
    return meter !== null;
  }

  #groupMeter(nowMs: number, nodePath: string | null, allocatableMilli: number | null): Meter | null {
    const path = this.#options.hierarchy.wholeMachine ? nodePath : "";
    if (path === null || allocatableMilli === null) return null;
    const counters = this.#nodeGroup(path).counters();
    return counters ? { used: counters.usageNanos, capacity: nowMs * allocatableMilli * nanosPerMilliMs } : null;
  }

  #procMeter(): Meter | null {
    if (this.#source !== BusySource.BUSY_SOURCE_PROC_STAT) return null;
    const path = join(this.#options.procRoot, "stat");
    if (!readKernelFile(path, this.#text)) return null;
    const { busy, total } = parseProcStat(this.#text, path);
    return { used: busy, capacity: total };
  }

  #memory(): Memory | null {
    return readKernelFile(join(this.#options.procRoot, "meminfo"), this.#text) ? parseMemInfo(this.#text) : null;
  }

  #nodeGroup(path: string): CpuGroup {
    if (this.#group?.path !== path) {
      this.close();
      this.#history.clear();
      this.#group = { path, group: openCpuGroup(this.#options.hierarchy, path, this.#text) };
    }
    return this.#group.group;
  }

  #carefully<Value>(read: () => Value): Value | null {
    try {
      return read();
    } catch (error) {
      this.#options.observer.unreadable(describeError(error));
      return null;
    }
  }
}

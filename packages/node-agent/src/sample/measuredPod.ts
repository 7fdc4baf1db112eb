import { neverThrottled, type ThrottleCounters } from "../cgroup/counters.ts";
import type { CpuGroup } from "../cgroup/cpuGroup.ts";
import { RareReading } from "./rareReading.ts";

/** What a container's pod said in this round, read once for all its containers. */
export interface PodReading {
  readonly throttle: ThrottleCounters;
  /** Thousandths of a core; null where unlimited. */
  readonly quotaMilli: number | null;
}

const unlimited: PodReading = { throttle: neverThrottled, quotaMilli: null };

/** A pod's own group. Without a quota nothing can throttle it, so it is looked at now and then only. */
export class MeasuredPod {
  readonly #group: CpuGroup;
  readonly #rare: RareReading;
  #reading: PodReading = unlimited;
  /** The round it was last asked for. */
  round = 0;

  /** @param order as of RareReading */
  constructor(group: CpuGroup, order: number) {
    this.#group = group;
    this.#rare = new RareReading(order);
  }

  /** @throws Error naming the kernel file that cannot be read or understood */
  read(round: number): PodReading {
    if (round === this.round) return this.#reading;
    if (this.#reading.quotaMilli !== null || this.#rare.isDue()) {
      this.#reading = { throttle: this.#group.throttle(), quotaMilli: this.#group.quotaMilli() };
    }
    this.round = round;
    return this.#reading;
  }

  close(): void {
    this.#group.close();
  }
}

import type { Clock } from "@walras/kit";

import { type ProcessPlace, readProcessPlace } from "../cgroup/processGroup.ts";
import type { GpuReader, GpuReading, GpuState } from "../nvidia/gpuState.ts";
import { byGpu } from "../podresources/devices.ts";
import type { KubeletAnswer, KubeletPoll } from "../podresources/poll.ts";
import type { AllocatableDevices, HeldDevice } from "../podresources/port.ts";

/** What is known of the node's GPUs by the driver, by the kubelet and by the kernel. */
export interface GpuSample {
  readonly reading: GpuReading;
  /** When it was read, on the monotonic clock. */
  readonly readMs: number;
  /** Containers that hold it, or a part of it, as the kubelet says; by UUID. */
  readonly holders: ReadonlyMap<string, readonly HeldDevice[]>;
  /** Why it is not known who holds what; null: it is. */
  readonly holdersTrouble: string | null;
  /** What device plugins offer it as, by UUID. */
  readonly offers: ReadonlyMap<string, readonly AllocatableDevices[]>;
  readonly offersTrouble: string | null;
  /** Of the processes of the reading, by pid. */
  readonly places: ReadonlyMap<number, ProcessPlace>;
}

/** Tells what is known of the node's GPUs now. */
export interface GpuSource {
  /** null: nothing yet. The same object while nothing is new. */
  sample(): GpuSample | null;
}

export interface GpuSamplerOptions {
  readonly reader: GpuReader;
  readonly kubelet: Pick<KubeletPoll, "fresh" | "trouble">;
  readonly procRoot: string;
  readonly clock: Clock;
}

/** Joins what the driver, the kubelet and the kernel say, when one of them has said something new. */
export class GpuSampler implements GpuSource {
  readonly #options: GpuSamplerOptions;
  #answer: KubeletAnswer | null = null;
  #sample: GpuSample | null = null;

  constructor(options: GpuSamplerOptions) {
    this.#options = options;
  }

  sample(): GpuSample | null {
    const reading = this.#options.reader.latest();
    if (reading === null) return null;
    const answer = this.#options.kubelet.fresh()?.value ?? null;
    const trouble = this.#troubleOf(reading, answer);
    const last = this.#sample;
    if (last !== null && this.#answer === answer && isSame(last, reading, trouble)) return last;
    const { readMs, places } = last?.reading === reading ? last : this.#take(reading);
    this.#answer = answer;
    this.#sample = { reading, readMs, ...joined(reading.gpus, answer, trouble), places };
    return this.#sample;
  }

  /** The reading has the wall clock's time, which may jump later. */
  #take(reading: GpuReading): Pick<GpuSample, "readMs" | "places"> {
    const { clock } = this.#options;
    const ageMs = Math.max(0, clock.wallMs() - reading.atMs);
    return { readMs: clock.monotonicMs() - ageMs, places: this.#placesOf(reading) };
  }

  /** Nobody can hold GPUs that are not there. */
  #troubleOf({ gpus }: GpuReading, answer: KubeletAnswer | null): string | null {
    if (answer !== null || gpus.length === 0) return null;
    return this.#options.kubelet.trouble() ?? "the kubelet was not asked yet: there was no GPU before";
  }

  /** A process stays in its group for all that matters here; what could not be told is looked up again. */
  #placesOf({ gpus }: GpuReading): ReadonlyMap<number, ProcessPlace> {
    const before: ReadonlyMap<number, ProcessPlace> = this.#sample?.places ?? new Map();
    const places = new Map<number, ProcessPlace>();
    for (const { pid } of gpus.flatMap(({ processes }) => processes ?? [])) {
      const known = before.get(pid) ?? "unknown";
      places.set(pid, known === "unknown" ? readProcessPlace(this.#options.procRoot, pid) : known);
    }
    return places;
  }
}

function isSame(last: GpuSample, reading: GpuReading, holdersTrouble: string | null): boolean {
  return last.reading === reading && last.holdersTrouble === holdersTrouble;
}

function joined(
  gpus: readonly GpuState[],
  answer: KubeletAnswer | null,
  trouble: string | null,
): Omit<GpuSample, "reading" | "readMs" | "places"> {
  const offered = (answer?.offered ?? []).map((one) => ({ ...one, by: "devicePlugin" as const }));
  return {
    holders: byGpu(gpus, answer?.held ?? []),
    holdersTrouble: trouble,
    offers: byGpu(gpus, offered),
    offersTrouble: trouble ?? answer?.offersTrouble ?? null,
  };
}

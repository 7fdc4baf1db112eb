import type { Clock } from "@walras/kit";
import { GpuSection } from "@walras/proto";

import type { GpuSample, GpuSource } from "../sample/gpuSampler.ts";
import { gpusAreNews } from "./gpuDeadband.ts";
import { type GpuBounds, gpuSources, sentence, wireGpu } from "./gpuWire.ts";

/** However little changes, so often is everything told: it shows that the reading is not an old one. */
const everyMs = 10_000;
/** More than a machine has. */
const mostGpus = 64;
/** Of the 256 KiB of a message; the rest is the containers'. */
const mostSectionBytes = 160 * 1024;
/** Parts, holders and processes of each GPU: as many as fit for all of them together. */
const tiers: readonly GpuBounds[] = [
  { migDevices: 16, holders: 64, processes: 64 },
  { migDevices: 16, holders: 8, processes: 8 },
];
/** These fit however long names are. */
const leastTier: GpuBounds = { migDevices: 7, holders: 1, processes: 1 };

/** What one stream is told of the GPUs: all of it, when something has changed or a while has passed. */
export class GpuEncoder {
  readonly #source: GpuSource;
  readonly #clock: Clock;
  #sample: GpuSample | null = null;
  #told: GpuSection | null = null;
  #toldMs = -Infinity;

  constructor(source: GpuSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** @param anyway whether it is to be told in any case @returns undefined: nothing is known, or nothing is new */
  next(anyway: boolean): GpuSection | undefined {
    const sample = this.#source.sample();
    if (sample === null) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const due = anyway || nowMs - this.#toldMs >= everyMs;
    if (!due && sample === this.#sample) return undefined;
    this.#sample = sample;
    const section = wireSection(sample, nowMs);
    if (!due && this.#told && !gpusAreNews(this.#told, section)) return undefined;
    this.#told = section;
    this.#toldMs = nowMs;
    return section;
  }
}

function wireSection(sample: GpuSample, nowMs: number): GpuSection {
  for (const bounds of tiers) {
    const section = boundedSection(sample, nowMs, bounds);
    if (GpuSection.encode(section).finish().length <= mostSectionBytes) return section;
  }
  return boundedSection(sample, nowMs, leastTier);
}

function boundedSection(sample: GpuSample, nowMs: number, bounds: GpuBounds): GpuSection {
  const { reading, readMs, holdersTrouble, offersTrouble } = sample;
  const tooMany = reading.gpus.length > mostGpus ? `${reading.gpus.length} GPUs, of which ${mostGpus} are told` : null;
  return {
    source: gpuSources[reading.source],
    ageMillis: Math.max(0, Math.round(nowMs - readMs)),
    trouble: sentence(reading.trouble ?? tooMany),
    holdersTrouble: sentence(holdersTrouble),
    offersTrouble: sentence(offersTrouble),
    gpus: reading.gpus.slice(0, mostGpus).map((gpu) => wireGpu(gpu, sample, bounds)),
  };
}

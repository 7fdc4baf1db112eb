import type { ContainerSamples, Report } from "@walras/proto";

import type { ContainerSample, NodeReading } from "../sample/sampler.ts";
import { isNews, sameLimits, type WireLimits, wireLimits, type WireSample, wireSample } from "./deadband.ts";

interface Told {
  readonly handle: number;
  sample: WireSample;
  limits: WireLimits;
}

/** A container's id can come back in another pod's name only after a restart of everything. */
const keyOf = ({ podUid, containerId }: ContainerSample): string => `${podUid}/${containerId}`;

/**
 * One stream's reports: what changed since what was told before. It is asked
 * only when a report can be sent, so that readings in between are merged, and
 * a container whose window is unknown counts as gone until it is known again.
 */
export class ReportEncoder {
  #sequence = 0;
  #nextHandle = 1;
  #full = true;
  readonly #told = new Map<string, Told>();

  /** The next report tells everything. */
  tellAll(): void {
    this.#full = true;
  }

  encode(reading: NodeReading): Report {
    const report = this.#begin(reading);
    if (this.#full) this.#forget();
    this.#full = false;
    report.gone = this.#dropAbsent(reading);
    const samples = noSamples();
    for (const sample of reading.containers) this.#add(sample, report, samples);
    if (samples.handle.length > 0) report.samples = samples;
    return report;
  }

  #begin({ windowMs, capturedUnixMs, node }: NodeReading): Report {
    const { busyFraction, busySource, memoryTotalBytes, memoryAvailableBytes } = node;
    return {
      sequence: ++this.#sequence,
      full: this.#full,
      windowMillis: Math.round(windowMs),
      capturedUnixMillis: Math.round(capturedUnixMs),
      node: {
        busyFraction: busyFraction ?? undefined,
        busySource,
        memoryTotalBytes: memoryTotalBytes ?? undefined,
        memoryAvailableBytes: memoryAvailableBytes ?? undefined,
      },
      introduced: [],
      gone: [],
      limits: [],
    };
  }

  #forget(): void {
    this.#told.clear();
    this.#nextHandle = 1;
  }

  #dropAbsent(reading: NodeReading): number[] {
    const present = new Set(reading.containers.map(keyOf));
    const gone: number[] = [];
    for (const [key, { handle }] of this.#told) {
      if (present.has(key)) continue;
      gone.push(handle);
      this.#told.delete(key);
    }
    return gone;
  }

  #add(container: ContainerSample, report: Report, samples: ContainerSamples): void {
    const sample = wireSample(container);
    const limits = wireLimits(container);
    const told = this.#told.get(keyOf(container));
    const { handle } = told ?? this.#introduce(container, { sample, limits }, report);
    if (!told || isNews(told.sample, sample)) pushSample(samples, handle, sample);
    if (!told || !sameLimits(told.limits, limits)) report.limits.push({ handle, ...limits });
    if (!told) return;
    if (isNews(told.sample, sample)) told.sample = sample;
    told.limits = limits;
  }

  #introduce(container: ContainerSample, said: Omit<Told, "handle">, report: Report): Told {
    const { podUid, containerId, runtime } = container;
    const told = { handle: this.#nextHandle++, ...said };
    this.#told.set(keyOf(container), told);
    report.introduced.push({ handle: told.handle, podUid, containerId, runtime });
    return told;
  }
}

function noSamples(): ContainerSamples {
  return { handle: [], usageMilli: [], throttledPermille: [], throttledMilli: [], pressurePermille: [] };
}

function pushSample(samples: ContainerSamples, handle: number, sample: WireSample): void {
  samples.handle.push(handle);
  samples.usageMilli.push(sample.usageMilli);
  samples.throttledPermille.push(sample.throttledPermille);
  samples.throttledMilli.push(sample.throttledMilli);
  samples.pressurePermille.push(sample.pressurePermille);
}

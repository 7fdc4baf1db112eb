import type { ContainerSamples, Report } from "@walras/proto";

import type { ContainerSample, NodeReading } from "../sample/sampler.ts";
import { isNews, sameLimits, type WireLimits, wireLimits, type WireSample, wireSample } from "./deadband.ts";
import type { GpuEncoder } from "./gpuEncoder.ts";

interface Told {
  readonly handle: number;
  readonly podUid: string;
  sample: WireSample;
  limits: WireLimits;
  /** Sequence of the last report of a reading it was in. */
  seen: number;
}

/**
 * One stream's reports: what changed since what was told before. It is asked
 * only when a report can be sent, so that readings in between are merged, and
 * a container whose window is unknown counts as gone until it is known again.
 */
export class ReportEncoder {
  readonly #gpus: GpuEncoder | null;
  #sequence = 0;
  #nextHandle = 1;
  #full = true;
  readonly #told = new Map<string, Told>();

  /** @param gpus null: nothing is told of GPUs */
  constructor(gpus: GpuEncoder | null = null) {
    this.#gpus = gpus;
  }

  /** The next report tells everything. */
  tellAll(): void {
    this.#full = true;
  }

  encode(reading: NodeReading): Report {
    const report = this.#begin(reading);
    if (this.#full) this.#forget();
    report.gpus = this.#gpus?.next(this.#full);
    this.#full = false;
    const samples = noSamples();
    for (const container of reading.containers) this.#add(container, report, samples);
    this.#dropUnseen(report);
    if (samples.handle.length > 0) report.samples = samples;
    return report;
  }

  #begin({ windowMs, capturedUnixMs, node }: NodeReading): Report {
    const { busyFraction, windowBusyFraction, busySource, memoryTotalBytes, memoryAvailableBytes } = node;
    return {
      sequence: ++this.#sequence,
      full: this.#full,
      windowMillis: Math.round(windowMs),
      capturedUnixMillis: Math.round(capturedUnixMs),
      node: {
        busyFraction: busyFraction ?? undefined,
        windowBusyFraction: windowBusyFraction ?? undefined,
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

  #dropUnseen({ gone, sequence }: Report): void {
    for (const [id, { handle, seen }] of this.#told) {
      if (seen === sequence) continue;
      gone.push(handle);
      this.#told.delete(id);
    }
  }

  #add(container: ContainerSample, report: Report, samples: ContainerSamples): void {
    const told = this.#told.get(container.containerId);
    if (told?.podUid === container.podUid) this.#update(told, container, { report, samples });
    else this.#introduce(container, { report, samples });
  }

  #update(told: Told, container: ContainerSample, { report, samples }: Outgoing): void {
    told.seen = report.sequence;
    const sample = wireSample(container);
    if (isNews(told.sample, sample)) {
      told.sample = sample;
      pushSample(samples, told.handle, sample);
    }
    const limits = wireLimits(container);
    if (sameLimits(told.limits, limits)) return;
    told.limits = limits;
    report.limits.push({ handle: told.handle, ...limits });
  }

  #introduce(container: ContainerSample, { report, samples }: Outgoing): void {
    const { podUid, containerId, runtime } = container;
    const known = this.#told.get(containerId);
    if (known) report.gone.push(known.handle);
    const handle = this.#nextHandle++;
    const sample = wireSample(container);
    const limits = wireLimits(container);
    this.#told.set(containerId, { handle, podUid, sample, limits, seen: report.sequence });
    report.introduced.push({ handle, podUid, containerId, runtime });
    pushSample(samples, handle, sample);
    report.limits.push({ handle, ...limits });
  }
}

interface Outgoing {
  readonly report: Report;
  readonly samples: ContainerSamples;
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

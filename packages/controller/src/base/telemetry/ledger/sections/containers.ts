import type { ContainerSamples, Report } from "@walras/proto";

import type { ContainerReading, StreamMoments } from "../readings.ts";
import type { Rejection, Rejections } from "../rejections.ts";
import { type Known, KnownContainers, type PodContainers } from "./knownContainers.ts";

/** What an agent's words about containers are measured against. */
export interface ContainerBounds {
  /** CPU of the node; nothing on it can use more. */
  capacityMilli(): number;
  /** What runs on the node. */
  pods(): PodContainers;
}

/** What a report says of containers. */
export interface ContainersRead {
  /** Those of which something is new. */
  readonly containers: readonly ContainerReading[];
  /** Ids of those that vanished, or were given another handle and not told of since. */
  readonly gone: readonly string[];
}

/** Timer jitter may squeeze a little more than capacity into a window. */
const capacitySlack = 1.25;

/**
 * The containers of one stream. Deltas are joined with what is known; a
 * container not mentioned is unchanged, so it is fresh as well.
 */
export class ContainerSection {
  readonly #bounds: ContainerBounds;
  readonly #known = new KnownContainers();
  #moments: StreamMoments = { lastMs: 0, beforeMs: 0 };

  constructor(bounds: ContainerBounds) {
    this.#bounds = bounds;
  }

  read(report: Report, nowMs: number, rejections: Rejections): ContainersRead {
    const gone = this.#turnTo(report, nowMs);
    const lost =
      report.introduced.length === 0 ? [] : this.#known.introduce(report.introduced, this.#bounds.pods(), rejections);
    const news = this.#throttled();
    this.#applyLimits(report, news);
    this.#applySamples(report.samples, rejections, news);
    return {
      containers: [...news].flatMap((known) => this.#said(known, nowMs) ?? []),
      gone: [...gone.filter((id) => !this.#known.has(id)), ...lost.filter((id) => !this.#known.isHeard(id))],
    };
  }

  /** After a whole report only what it tells is fresh. @returns ids of those that it takes away */
  #turnTo(report: Report, nowMs: number): readonly string[] {
    if (!report.full) {
      this.#moments.beforeMs = this.#moments.lastMs;
      this.#moments.lastMs = nowMs;
      return this.#known.forget(report.gone);
    }
    this.#moments = { lastMs: nowMs, beforeMs: nowMs };
    return this.#known.forgetAll();
  }

  /** Throttled again is news, though it is by as much. */
  #throttled(): Set<Known> {
    const throttled = new Set<Known>();
    for (const known of this.#known.values())
      if ((known.last?.throttledRatio ?? 0) > 0 && known.last?.stream === this.#moments) throttled.add(known);
    return throttled;
  }

  #applyLimits(report: Report, news: Set<Known>): void {
    for (const { handle, quotaMilli, podQuotaMilli } of report.limits) {
      const known = this.#known.get(handle);
      if (!known) continue;
      const quotas = [quotaMilli, podQuotaMilli].filter((milli) => milli > 0);
      known.quotaMilli = quotas.length > 0 ? Math.min(...quotas) : null;
      if (known.last) news.add(known);
    }
  }

  #applySamples(samples: ContainerSamples | undefined, rejections: Rejections, news: Set<Known>): void {
    if (!samples) return;
    const mostMilli = this.#bounds.capacityMilli() * capacitySlack;
    samples.handle.forEach((handle, index) => {
      if (this.#known.isForeign(handle)) return;
      const known = this.#known.get(handle);
      if (!known) {
        rejections.add("UnknownHandle", () => `handle ${handle} was never introduced`);
        return;
      }
      const rejection = doubt(samples, index, { containerId: known.containerId, mostMilli });
      if (rejection) rejections.add(rejection.reason, () => rejection.detail);
      if (rejection) known.last = this.#standing(known);
      else take(samples, index, this.#readingOf(known));
      news.add(known);
    });
  }

  /** What is known of it, as of now unless it is doubted. */
  #said(known: Known, nowMs: number): Known["last"] {
    const { last, quotaMilli } = known;
    if (last === null || last.stream !== this.#moments) return last;
    last.atMs = nowMs;
    last.quotaMilli = quotaMilli;
    return last;
  }

  #readingOf(known: Known): NonNullable<Known["last"]> {
    if (known.last?.stream !== this.#moments) known.last = emptyReading(known, this.#moments);
    return known.last;
  }

  /** What is known stays as old as it is, until something is said that can be believed. */
  #standing({ last }: Known): Known["last"] {
    if (last === null) return null;
    const atMs = last.stream === this.#moments ? this.#moments.beforeMs : last.stream.lastMs;
    return { ...last, stream: { lastMs: atMs, beforeMs: atMs } };
  }
}

function doubt(
  samples: ContainerSamples,
  index: number,
  { containerId, mostMilli }: { readonly containerId: string; readonly mostMilli: number },
): Rejection | null {
  const usage = samples.usageMilli[index] ?? NaN;
  const throttled = samples.throttledMilli[index] ?? NaN;
  const complaint = (field: string, value: number): string => `${field} ${value} of container ${containerId}`;
  if (!(usage >= 0)) return { reason: "BadNumber", detail: complaint("usage_milli", usage) };
  if (!(throttled >= 0)) return { reason: "BadNumber", detail: complaint("throttled_milli", throttled) };
  for (const permille of [samples.throttledPermille[index] ?? NaN, samples.pressurePermille[index] ?? NaN])
    if (!isPermille(permille)) return { reason: "BadNumber", detail: complaint("permille", permille) };
  return usage > mostMilli ? { reason: "OverCapacity", detail: complaint("usage_milli", usage) } : null;
}

/** -1: not told. */
function isPermille(value: number): boolean {
  return value >= -1 && value <= 1000;
}

/** Whether a report's parallel arrays cannot belong together. */
export function lengthsDiffer(samples: ContainerSamples | undefined): boolean {
  if (!samples) return false;
  const { handle, usageMilli, throttledMilli, throttledPermille, pressurePermille } = samples;
  return [usageMilli, throttledMilli, throttledPermille, pressurePermille].some((one) => one.length !== handle.length);
}

function emptyReading({ podUid, containerId }: Known, stream: StreamMoments): NonNullable<Known["last"]> {
  return {
    podUid,
    containerId,
    atMs: 0,
    usageMilli: 0,
    throttledMilli: 0,
    throttledRatio: null,
    pressureRatio: null,
    quotaMilli: null,
    stream,
  };
}

function take(samples: ContainerSamples, index: number, reading: NonNullable<Known["last"]>): void {
  reading.usageMilli = samples.usageMilli[index] ?? 0;
  reading.throttledRatio = ratio(samples.throttledPermille[index] ?? -1);
  reading.throttledMilli = samples.throttledMilli[index] ?? 0;
  reading.pressureRatio = ratio(samples.pressurePermille[index] ?? -1);
}

function ratio(permille: number): number | null {
  return permille < 0 ? null : permille / 1000;
}

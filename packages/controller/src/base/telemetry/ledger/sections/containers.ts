import type { ContainerSamples, Report } from "@walras/proto";

import type { ContainerReading } from "../readings.ts";
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
  readonly containers: readonly ContainerReading[];
  /** Ids of those that vanished. */
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

  constructor(bounds: ContainerBounds) {
    this.#bounds = bounds;
  }

  read(report: Report, nowMs: number, rejections: Rejections): ContainersRead {
    const gone = report.full ? this.#known.forgetAll() : this.#known.forget(report.gone);
    if (report.introduced.length > 0) this.#known.introduce(report.introduced, this.#bounds.pods(), rejections);
    this.#applyLimits(report);
    const doubted = this.#applySamples(report.samples, nowMs, rejections);
    return { containers: this.#readings(doubted, nowMs), gone: gone.filter((id) => !this.#known.has(id)) };
  }

  #applyLimits(report: Report): void {
    for (const { handle, quotaMilli, podQuotaMilli } of report.limits) {
      const known = this.#known.get(handle);
      if (!known) continue;
      const quotas = [quotaMilli, podQuotaMilli].filter((milli) => milli > 0);
      known.quotaMilli = quotas.length > 0 ? Math.min(...quotas) : null;
    }
  }

  #applySamples(samples: ContainerSamples | undefined, nowMs: number, rejections: Rejections): ReadonlySet<number> {
    const doubted = new Set<number>();
    samples?.handle.forEach((handle, index) => {
      if (this.#known.isForeign(handle)) return;
      const known = this.#known.get(handle);
      if (!known) {
        rejections.add("UnknownHandle", () => `handle ${handle} was never introduced`);
        return;
      }
      const rejection = this.#doubt(samples, index, known.containerId);
      if (rejection) {
        rejections.add(rejection.reason, () => rejection.detail);
        doubted.add(handle);
        return;
      }
      known.last = readingAt(samples, index, known, nowMs);
    });
    return doubted;
  }

  #doubt(samples: ContainerSamples, index: number, containerId: string): Rejection | null {
    const usage = samples.usageMilli[index] ?? NaN;
    const throttled = samples.throttledMilli[index] ?? NaN;
    const permilles = [samples.throttledPermille[index] ?? NaN, samples.pressurePermille[index] ?? NaN];
    const complaint = (field: string, value: number): string => `${field} ${value} of container ${containerId}`;
    if (!(usage >= 0)) return { reason: "BadNumber", detail: complaint("usage_milli", usage) };
    if (!(throttled >= 0)) return { reason: "BadNumber", detail: complaint("throttled_milli", throttled) };
    const wrong = permilles.find((permille) => !(permille >= -1 && permille <= 1000));
    if (wrong !== undefined) return { reason: "BadNumber", detail: complaint("permille", wrong) };
    const most = this.#bounds.capacityMilli() * capacitySlack;
    return usage > most ? { reason: "OverCapacity", detail: complaint("usage_milli", usage) } : null;
  }

  #readings(doubted: ReadonlySet<number>, nowMs: number): ContainerReading[] {
    const readings: ContainerReading[] = [];
    for (const [handle, known] of this.#known.entries()) {
      if (known.last === null || doubted.has(handle)) continue;
      readings.push({ ...known.last, atMs: nowMs, quotaMilli: known.quotaMilli });
    }
    return readings;
  }
}

/** Whether a report's parallel arrays cannot belong together. */
export function lengthsDiffer(samples: ContainerSamples | undefined): boolean {
  if (!samples) return false;
  const { handle, usageMilli, throttledMilli, throttledPermille, pressurePermille } = samples;
  return [usageMilli, throttledMilli, throttledPermille, pressurePermille].some((one) => one.length !== handle.length);
}

function readingAt(samples: ContainerSamples, index: number, known: Known, nowMs: number): Known["last"] {
  const { podUid, containerId } = known;
  return {
    podUid,
    containerId,
    atMs: nowMs,
    usageMilli: samples.usageMilli[index] ?? 0,
    throttledRatio: ratio(samples.throttledPermille[index] ?? -1),
    throttledMilli: samples.throttledMilli[index] ?? 0,
    pressureRatio: ratio(samples.pressurePermille[index] ?? -1),
  };
}

function ratio(permille: number): number | null {
  return permille < 0 ? null : permille / 1000;
}

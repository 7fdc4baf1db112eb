import type { ContainerReading, NodeReading, NodeUse } from "./readings.ts";
import { BusySource, type ContainerSamples, type NodeSample, type Report } from "@walras/proto";

import { type Known, KnownContainers, type PodContainers } from "./knownContainers.ts";
import { type Rejection, Rejections } from "./rejections.ts";

export type { Rejection } from "./rejections.ts";

export interface FeedResult {
  readonly containers: readonly ContainerReading[];
  readonly gone: readonly string[];
  readonly node: NodeReading | null;
  readonly rejections: readonly Rejection[];
  /** Something was lost: the agent must send everything again. */
  readonly resync: boolean;
}

/** What an agent's words are measured against. */
export interface FeedBounds {
  /** CPU of the node; nothing on it can use more. */
  capacityMilli(): number;
  /** What runs on the node. */
  pods(): PodContainers;
}

/** Windows shorter or longer than these are a broken clock. */
const shortestWindowMs = 50;
const longestWindowMs = 60_000;
/** Timer jitter may squeeze a little more than capacity into a window. */
const capacitySlack = 1.25;

/**
 * One stream's reports, decoded and doubted. Deltas are joined with what is
 * known; a container not mentioned is unchanged, so it is fresh as well. What
 * is not believed is left out and named; the rest of the report still counts.
 */
export class AgentFeed {
  readonly #bounds: FeedBounds;
  readonly #known = new KnownContainers();
  #sequence = 0;

  constructor(bounds: FeedBounds) {
    this.#bounds = bounds;
  }

  read(report: Report, nowMs: number): FeedResult {
    const refusal = this.#refuse(report);
    if (refusal)
      return { containers: [], gone: [], node: null, rejections: [refusal], resync: refusal.reason !== "BadWindow" };
    const rejections = new Rejections();
    this.#sequence = report.sequence;
    const gone = report.full ? this.#known.forgetAll() : this.#known.forget(report.gone);
    if (report.introduced.length > 0) this.#known.introduce(report.introduced, this.#bounds.pods(), rejections);
    this.#applyLimits(report);
    const doubted = this.#applySamples(report.samples, nowMs, rejections);
    return {
      containers: this.#readings(doubted, nowMs),
      gone: gone.filter((id) => !this.#known.has(id)),
      node: readNode(report.node, nowMs, rejections),
      rejections: rejections.all(),
      resync: rejections.needsAll,
    };
  }

  #refuse(report: Report): Rejection | null {
    const expected = this.#sequence + 1;
    if (report.sequence < expected || (report.sequence > expected && !report.full)) {
      return { reason: "OutOfOrder", detail: `sequence ${report.sequence}, expected ${expected}` };
    }
    if (report.windowMillis < shortestWindowMs || report.windowMillis > longestWindowMs) {
      this.#sequence = report.sequence;
      return { reason: "BadWindow", detail: `window_millis ${report.windowMillis}` };
    }
    return lengthsDiffer(report.samples) ? { reason: "Malformed", detail: "samples of different lengths" } : null;
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

function lengthsDiffer(samples: ContainerSamples | undefined): boolean {
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

function readNode(sample: NodeSample | undefined, nowMs: number, rejections: Rejections): NodeReading {
  const believed = (field: string, value: number | undefined, most: number): number | null => {
    if (value === undefined) return null;
    if (value >= 0 && value <= most) return value;
    rejections.add("BadNumber", () => `node.${field} ${value}`);
    return null;
  };
  const busy = believed("busy_fraction", sample?.busyFraction, capacitySlack);
  return {
    atMs: nowMs,
    busyFraction: busy === null ? null : Math.min(1, busy),
    used: useOf(sample, believed("window_busy_fraction", sample?.windowBusyFraction, capacitySlack)),
    memoryTotalBytes: believed("memory_total_bytes", sample?.memoryTotalBytes, Number.MAX_SAFE_INTEGER),
    memoryAvailableBytes: believed("memory_available_bytes", sample?.memoryAvailableBytes, Number.MAX_SAFE_INTEGER),
  };
}

function useOf(sample: NodeSample | undefined, busy: number | null): NodeUse | null {
  if (busy === null) return null;
  const shares = sample?.busySource === BusySource.BUSY_SOURCE_CGROUP_ROOT;
  return { fraction: Math.min(1, busy), of: shares ? "allocatable" : "capacity" };
}

import type { Report } from "@walras/proto";

import type { GpusReading } from "./gpuReading.ts";
import type { ContainerReading, NodeReading } from "./readings.ts";
import { type Rejection, Rejections } from "./rejections.ts";
import { type ContainerBounds, ContainerSection, lengthsDiffer } from "./sections/containers.ts";
import { readGpus } from "./sections/gpus.ts";
import { readNode } from "./sections/node.ts";

export type { Rejection } from "./rejections.ts";

export interface FeedResult {
  /** Those of which something is new: the others are as they were. */
  readonly containers: readonly ContainerReading[];
  readonly gone: readonly string[];
  readonly node: NodeReading | null;
  /** null: nothing new is said of them */
  readonly gpus: GpusReading | null;
  readonly rejections: readonly Rejection[];
  /** Something was lost: the agent must send everything again. */
  readonly resync: boolean;
}

const nothing = { containers: [], gone: [], node: null, gpus: null } as const;

/** Windows shorter or longer than these are a broken clock. */
const shortestWindowMs = 50;
const longestWindowMs = 60_000;

/**
 * One stream's reports, decoded and doubted, section by section. What is not
 * believed is left out and named; the rest of the report still counts.
 */
export class AgentFeed {
  readonly #containers: ContainerSection;
  #sequence = 0;

  constructor(bounds: ContainerBounds) {
    this.#containers = new ContainerSection(bounds);
  }

  read(report: Report, nowMs: number): FeedResult {
    const refusal = this.#refuse(report);
    if (refusal) return { ...nothing, rejections: [refusal], resync: refusal.reason !== "BadWindow" };
    const rejections = new Rejections();
    this.#sequence = report.sequence;
    const { containers, gone } = this.#containers.read(report, nowMs, rejections);
    const node = readNode(report.node, nowMs, rejections);
    const gpus = readGpus(report.gpus, nowMs, rejections);
    return { containers, gone, node, gpus, rejections: rejections.all(), resync: rejections.needsAll };
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
}

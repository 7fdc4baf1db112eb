import { type Clock, describeError, errorAt, type Logger, type Runnable, type Timer } from "@walras/kit";

import { type ScaledRef, ScalerUnavailable } from "../scaler/port.ts";
import {
  type DemandSpec,
  demandSpecOf,
  itemsPerJobOf,
  type JobsSpec,
  type MqttSpec,
  type PrometheusSpec,
} from "./metadata.ts";
import { type MqttConnector, MqttDemand } from "./mqtt.ts";
import type { DemandSource, Watched } from "./port.ts";
import { type InstantQuery, PrometheusDemand } from "./prometheus.ts";
import { type LabelMatcher, parseSelector } from "./selector.ts";

export interface DemandSourcesOptions {
  /** Suspended Jobs of a namespace whose labels match; null: not known now. */
  readonly suspendedJobs: (namespace: string, matches: LabelMatcher) => number | null;
  readonly prometheus: (url: string) => InstantQuery;
  readonly mqtt: MqttConnector;
  readonly clock: Clock;
  readonly logger: Logger;
}

type WatchedSpec = PrometheusSpec | MqttSpec;

interface Kept {
  readonly watched: Watched;
  askedMs: number;
}

/** Whoever has not asked for so long has gone. */
const keptMs = 600_000;
const sweepMs = 60_000;
/** Connections and queries that triggers can make the controller keep. */
const mostWatched = 500;

/**
 * How many jobs each trigger wants, by its metadata. A topic or a query is
 * watched from the first question on, once for all triggers that name it, and
 * until nobody has asked for ten minutes.
 */
export class DemandSources implements DemandSource, Runnable {
  readonly name = "batch demand";
  readonly #options: DemandSourcesOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #selectors = new Map<string, LabelMatcher>();
  #timer: Timer | undefined;

  constructor(options: DemandSourcesOptions) {
    this.#options = options;
  }

  /** Topics and queries that are being watched. */
  get size(): number {
    return this.#kept.size;
  }

  start(): void {
    this.#timer = this.#options.clock.after(sweepMs, () => {
      this.#sweep();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    for (const { watched } of this.#kept.values()) watched.stop();
    this.#kept.clear();
  }

  wanted(ref: ScaledRef): number {
    const spec = demandSpecOf(ref);
    const perJob = itemsPerJobOf(ref);
    return Math.ceil(this.#items(ref, spec) / perJob);
  }

  #items(ref: ScaledRef, spec: DemandSpec): number {
    if (spec.kind === "always") return Infinity;
    if (spec.kind === "jobs") return this.#suspended(ref, spec);
    return this.#watched(spec).items();
  }

  #suspended({ namespace }: ScaledRef, { selector }: JobsSpec): number {
    const count = this.#options.suspendedJobs(namespace, this.#matcher(selector));
    if (count === null) throw new ScalerUnavailable(`suspended Jobs of ${namespace} are not known`);
    return count;
  }

  #matcher(selector: string): LabelMatcher {
    const known = this.#selectors.get(selector);
    if (known) return known;
    const matches = matcherOf(selector);
    if (this.#selectors.size >= mostWatched) this.#selectors.clear();
    this.#selectors.set(selector, matches);
    return matches;
  }

  #watched(spec: WatchedSpec): Watched {
    const key = JSON.stringify(spec);
    const askedMs = this.#options.clock.monotonicMs();
    const kept = this.#kept.get(key);
    if (kept) {
      kept.askedMs = askedMs;
      return kept.watched;
    }
    if (this.#kept.size >= mostWatched) {
      throw new ScalerUnavailable(`${mostWatched} topics and queries are being watched; there is room for no other`);
    }
    const watched = this.#make(spec);
    this.#kept.set(key, { watched, askedMs });
    watched.start();
    return watched;
  }

  #make(spec: WatchedSpec): Watched {
    const { clock, mqtt, prometheus, logger } = this.#options;
    if (spec.kind === "mqtt") {
      logger.info({ broker: spec.broker, topic: spec.topic, metric: spec.metric }, "demand is watched");
      return new MqttDemand(spec, mqtt, clock);
    }
    logger.info({ url: spec.url, query: spec.query }, "demand is watched");
    return new PrometheusDemand(spec, prometheus(spec.url), clock);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [key, { watched, askedMs }] of this.#kept) {
      if (nowMs - askedMs < keptMs) continue;
      watched.stop();
      this.#kept.delete(key);
    }
  }
}

function matcherOf(selector: string): LabelMatcher {
  try {
    return parseSelector(selector);
  } catch (error) {
    throw errorAt("metadata.selector", selector, `is no label selector (${describeError(error)})`);
  }
}

import { type Clock, describeError, errorAt, type Logger, Repeating, type Runnable } from "@walras/kit";

import type { ScaledRef } from "../../decide/asker.ts";
import { NotKnown } from "../../decide/notKnown.ts";
import { mustBeAllowed } from "./allowed.ts";
import { demandLimits as limits } from "./limits.ts";
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
  /** HOST or HOST:PORT that a trigger's promUrl may name; none where not given. */
  readonly allowedHosts?: readonly string[];
  /** The same of mqttBroker; any where not given. */
  readonly allowedBrokers?: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

type WatchedSpec = PrometheusSpec | MqttSpec;

interface Kept {
  readonly watched: Watched;
  /** Of whose trigger it was first asked. */
  readonly namespace: string;
  askedMs: number;
}

/** Whoever has not asked for so long has gone. */
const keptMs = 600_000;
const sweepMs = 60_000;

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
  readonly #sweeps: Repeating;

  constructor(options: DemandSourcesOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#sweeps = new Repeating({ name: this.name, everyMs: sweepMs, clock, logger, run: () => this.#sweep() });
  }

  /** Topics and queries that are being watched. */
  get size(): number {
    return this.#kept.size;
  }

  start(): Promise<void> {
    return this.#sweeps.start();
  }

  async stop(): Promise<void> {
    for (const { watched } of this.#kept.values()) watched.stop();
    this.#kept.clear();
    await this.#sweeps.stop();
  }

  wanted(ref: ScaledRef): number {
    const spec = demandSpecOf(ref);
    const perJob = itemsPerJobOf(ref);
    return Math.ceil(this.#items(ref, spec) / perJob);
  }

  #items(ref: ScaledRef, spec: DemandSpec): number {
    if (spec.kind === "always") return Infinity;
    if (spec.kind === "jobs") return this.#suspended(ref, spec);
    this.#mustBeAllowed(spec);
    return this.#watched(spec, ref.namespace).items();
  }

  #suspended({ namespace }: ScaledRef, { selector }: JobsSpec): number {
    const count = this.#options.suspendedJobs(namespace, this.#matcher(selector));
    if (count === null) throw new NotKnown(`suspended Jobs of ${namespace} are not known`);
    return count;
  }

  #matcher(selector: string): LabelMatcher {
    const known = this.#selectors.get(selector);
    if (known) return known;
    const matches = matcherOf(selector);
    if (this.#selectors.size >= limits.selectors) this.#selectors.clear();
    this.#selectors.set(selector, matches);
    return matches;
  }

  #mustBeAllowed(spec: WatchedSpec): void {
    const { allowedHosts = [], allowedBrokers } = this.#options;
    const targets = { hosts: allowedHosts, brokers: allowedBrokers };
    if (spec.kind === "prometheus") mustBeAllowed("promUrl", spec.url, targets);
    else mustBeAllowed("mqttBroker", spec.broker, targets);
  }

  #watched(spec: WatchedSpec, namespace: string): Watched {
    const key = JSON.stringify(spec);
    const askedMs = this.#options.clock.monotonicMs();
    const kept = this.#kept.get(key);
    if (kept) {
      kept.askedMs = askedMs;
      return kept.watched;
    }
    this.#mustHaveRoom(namespace);
    const watched = this.#make(spec);
    this.#kept.set(key, { watched, namespace, askedMs });
    watched.start();
    return watched;
  }

  /** @throws NotKnown where so much is watched that there is no room */
  #mustHaveRoom(namespace: string): void {
    const own = [...this.#kept.values()].filter((kept) => kept.namespace === namespace).length;
    const [most, of] =
      own >= limits.watchedPerNamespace ? [limits.watchedPerNamespace, ` of ${namespace}`] : [limits.watched, ""];
    if (own < limits.watchedPerNamespace && this.#kept.size < limits.watched) return;
    throw new NotKnown(`${most} topics and queries${of} are being watched; there is room for no other`);
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

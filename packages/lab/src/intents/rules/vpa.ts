import { Recommender } from "../../market/vpa/recommender.ts";
import { isUpdated } from "../../market/vpa/updater.ts";
import type { Replica } from "../service/replica.ts";
import type { Service } from "../service/service.ts";
import { scrapeMs, type Telemetry } from "../service/telemetry.ts";
import type { Rule } from "./rule.ts";

const minuteMs = 60_000;
/** The updater's tolerance: so many of a workload's pods may be away at once. */
const evictionTolerance = 0.5;

export interface VpaOptions {
  /** `minAllowed` and `maxAllowed`. */
  readonly leastMilli: number;
  readonly mostMilli: number;
}

/** Kubernetes' vertical autoscaler in mode Recreate: pods are evicted, and come back with what is recommended. */
export class Vpa implements Rule {
  readonly everyMs = minuteMs;
  readonly #options: VpaOptions;
  readonly #recommender: Recommender;

  /** @param recommender with what it has seen before */
  constructor(options: VpaOptions, recommender = new Recommender()) {
    this.#options = options;
    this.#recommender = recommender;
  }

  step(service: Service, { usage }: Telemetry): void {
    const { nowMs, replicas } = service;
    for (const { name, milli } of replicas) {
      const used = usage.get(name);
      if (used && nowMs - used.atMs <= scrapeMs)
        this.#recommender.observe({ atMs: nowMs, forMs: minuteMs, usedMilli: used.usedMilli, requestMilli: milli });
    }
    this.#update(service);
  }

  #update(service: Service): void {
    const recommended = this.#recommender.recommend();
    if (recommended === null) return;
    const { leastMilli, mostMilli } = this.#options;
    const within = (milli: number): number => Math.round(Math.max(leastMilli, Math.min(mostMilli, milli)));
    const { lowerMilli, targetMilli, upperMilli } = recommended;
    const bounded = {
      lowerMilli: within(lowerMilli),
      targetMilli: within(targetMilli),
      upperMilli: within(upperMilli),
    };
    service.milli = bounded.targetMilli;
    const { nowMs, ready, replicas } = service;
    const mostAway = Math.max(1, Math.floor(replicas.length * evictionTolerance));
    const room = Math.max(0, mostAway - (replicas.length - ready.length));
    const isDue = ({ milli, createdMs }: Replica): boolean => isUpdated(milli, nowMs - createdMs, bounded);
    const evicted = ready.filter(isDue).slice(0, room);
    service.remove(new Set(evicted.map(({ name }) => name)));
    service.scale(replicas.length);
  }
}

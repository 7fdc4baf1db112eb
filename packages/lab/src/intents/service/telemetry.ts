import { Latencies } from "./latencies.ts";
import type { Service } from "./service.ts";

/** Metrics are scraped this often, by Prometheus and by metrics-server. */
export const scrapeMs = 15_000;
/** Scrapes of this long make a rate and a percentile. */
const windowScrapes = 4;

/** What was used by one pod between two scrapes, as metrics-server tells it. */
export interface PodUsage {
  readonly usedMilli: number;
  readonly atMs: number;
}

/** What scrapes have told, no newer than the last one. */
export class Telemetry {
  readonly #service: Service;
  #seen: readonly Latencies[] = [];
  #current = new Latencies();
  #counters = new Map<string, number>();
  usage: ReadonlyMap<string, PodUsage> = new Map();

  constructor(service: Service) {
    this.#service = service;
  }

  /** After each second of the service. */
  second(): void {
    this.#current.add(this.#service.served);
  }

  scrape(): void {
    this.#seen = [...this.#seen, this.#current].slice(-windowScrapes);
    this.#current = new Latencies();
    const { nowMs, replicas } = this.#service;
    const running = replicas.filter(({ runsAtMs }) => runsAtMs <= nowMs);
    const counters = new Map(running.map((replica) => [replica.name, replica.usedMs(nowMs)]));
    // A rate takes two scrapes.
    this.usage = new Map(
      [...counters].flatMap(([name, usedMs]) => {
        const before = this.#counters.get(name);
        return before === undefined ? [] : [[name, { usedMilli: ((usedMs - before) / scrapeMs) * 1000, atMs: nowMs }]];
      }),
    );
    this.#counters = counters;
  }

  /** Requests a second over the last minute; null: nothing was scraped. */
  get requests(): number | null {
    const { length } = this.#seen;
    return length === 0 ? null : this.#seen.reduce((sum, { count }) => sum + count, 0) / (length * (scrapeMs / 1000));
  }

  /** Requests a second between the last two scrapes, as IDO's default query has it; null: nothing was scraped. */
  get requestsNow(): number | null {
    const last = this.#seen.at(-1);
    return last === undefined ? null : last.count / (scrapeMs / 1000);
  }

  /** 99th percentile of the last minute, milliseconds; null: no request was served. */
  get p99Ms(): number | null {
    const all = new Latencies();
    for (const one of this.#seen) all.addAll(one);
    return all.percentile(0.99);
  }
}

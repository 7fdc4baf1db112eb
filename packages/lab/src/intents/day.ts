import { seededRng } from "@walras/kit";

import type { Rule } from "./rules/rule.ts";
import { Latencies } from "./service/latencies.ts";
import { Service } from "./service/service.ts";
import { scrapeMs, Telemetry } from "./service/telemetry.ts";

/** Scrapes are some seconds before everybody looks. */
const scrapeOffsetMs = 10_000;

/** The service that is simulated. CPU in core-milliseconds a request, times in milliseconds. */
export const serviceSpec = { cpuMs: 60, startMs: 30_000, timeoutMs: 10_000 } as const;
/** What is promised: the 99th percentile of each minute. */
export const sloMs = 500;

export interface Day {
  /** Requests a second, second by second. */
  readonly requests: Float64Array;
  readonly seed: number;
  /** From a moment on a request costs as many times what it did: a release; null: there is none. */
  readonly release: { readonly atMs: number; readonly costs: number } | null;
}

const betweenDraws = 1_000;

/** The same day with other chance. @param number 0: as it is */
export function drawOf(day: Day, number: number): Day {
  return { ...day, seed: day.seed + number * betweenDraws };
}

export interface DayOutcome {
  /** Minutes whose 99th percentile is above the target. */
  readonly violatedMinutes: number;
  /** What pods have requested, from creation to removal. */
  readonly cpuHours: number;
  /** Times that the number of replicas was changed. */
  readonly replicaChanges: number;
  /** Times that pods were resized in place, or new ones declared with another size. */
  readonly sizeChanges: number;
}

export interface DayOptions {
  readonly day: Day;
  /** In turn, where several look at once. */
  readonly rules: readonly Rule[];
  /** What the service begins the day with. */
  readonly replicas: number;
  readonly milli: number;
  /** After each minute: its 99th percentile, milliseconds; null: no request was served. */
  readonly onMinute?: (p99Ms: number | null) => void;
}

/** Plays a day of a service under rules. */
export async function playDay({ day, rules, replicas, milli, onMinute }: DayOptions): Promise<DayOutcome> {
  const service = new Service({ ...serviceSpec, rng: seededRng(day.seed), replicas, milli });
  const telemetry = new Telemetry(service);
  const tally = new Tally(service, onMinute);
  for (const requests of day.requests) {
    service.second(requests, costsAt(day, service.nowMs));
    telemetry.second();
    tally.second();
    if (service.nowMs % scrapeMs === scrapeOffsetMs) telemetry.scrape();
    for (const rule of rules) if (service.nowMs % rule.everyMs === 0) await rule.step(service, telemetry);
    tally.noted();
  }
  return tally.outcome;
}

function costsAt({ release }: Day, nowMs: number): number {
  return release !== null && nowMs >= release.atMs ? release.costs : 1;
}

class Tally {
  readonly #service: Service;
  readonly #onMinute: DayOptions["onMinute"];
  #minute = new Latencies();
  #violated = 0;
  #milliSeconds = 0;
  #changes = 0;
  #resizes = 0;
  #count: number;
  #size: number;

  constructor(service: Service, onMinute: DayOptions["onMinute"]) {
    this.#service = service;
    this.#onMinute = onMinute;
    this.#count = service.replicas.length;
    this.#size = this.#milli;
  }

  get #milli(): number {
    return this.#service.replicas.reduce((sum, { milli }) => sum + milli, 0);
  }

  second(): void {
    this.#minute.add(this.#service.served);
    this.#milliSeconds += this.#milli;
    if (this.#service.nowMs % 60_000 !== 0) return;
    const p99Ms = this.#minute.percentile(0.99);
    this.#violated += (p99Ms ?? 0) > sloMs ? 1 : 0;
    this.#onMinute?.(p99Ms);
    this.#minute = new Latencies();
  }

  /** What became of the service after everybody has looked. */
  noted(): void {
    const { length } = this.#service.replicas;
    const milli = this.#milli;
    if (length !== this.#count) this.#changes += 1;
    else if (milli !== this.#size) this.#resizes += 1;
    this.#count = length;
    this.#size = milli;
  }

  get outcome(): DayOutcome {
    return {
      violatedMinutes: this.#violated,
      cpuHours: this.#milliSeconds / 1000 / 3600,
      replicaChanges: this.#changes,
      sizeChanges: this.#resizes,
    };
  }
}

import type { Observation } from "@walras/controller/intents";

import type { Service } from "../service/service.ts";
import type { Telemetry } from "../service/telemetry.ts";
import { Hpa } from "./hpa.ts";
import type { Rule } from "./rule.ts";

/** Each is held for so long. */
const holdMs = 60 * 60_000;
/** Five hundred events are learnt from: a day has that many of these. */
const recordMs = 3 * 60_000;

export interface ExploreOptions {
  readonly sizes: readonly number[];
  readonly targetsPercent: readonly number[];
  readonly least: number;
  readonly most: number;
}

/**
 * The day that is learnt from: a horizontal autoscaler whose target, and pods
 * whose size, are changed each hour.
 */
export class Explore implements Rule {
  readonly everyMs = 15_000;
  readonly seen: Observation[] = [];
  readonly #options: ExploreOptions;
  #round = -1;
  #hpa: Hpa | null = null;

  constructor(options: ExploreOptions) {
    this.#options = options;
  }

  step(service: Service, telemetry: Telemetry): void {
    const round = Math.floor(service.nowMs / holdMs);
    if (round !== this.#round || this.#hpa === null) this.#hpa = this.#turn(round, service);
    if (service.nowMs % recordMs === 0) this.#record(service, telemetry);
    this.#hpa.step(service, telemetry);
  }

  #turn(round: number, service: Service): Hpa {
    const { sizes, targetsPercent, least, most } = this.#options;
    const milli = sizes[round % sizes.length] ?? service.milli;
    const targetPercent = targetsPercent[Math.floor(round / sizes.length) % targetsPercent.length] ?? 60;
    this.#round = round;
    service.milli = milli;
    service.resize(milli);
    return new Hpa({ targetPercent, least, most, downWindowMs: 60_000 });
  }

  #record({ replicas, nowMs, milli }: Service, { p99Ms, requests }: Telemetry): void {
    if (p99Ms === null || requests === null) return;
    const running = replicas.filter(({ runsAtMs }) => runsAtMs <= nowMs).length;
    this.seen.push({ latency: p99Ms, load: requests, replicas: running, cpuMilli: milli });
  }
}

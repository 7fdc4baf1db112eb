import { type Clock, describeError, type Timer } from "@walras/kit";

import { ScalerUnavailable } from "../scaler/port.ts";
import type { PrometheusSpec } from "./metadata.ts";
import type { Watched } from "./port.ts";

/** Prometheus, as far as it is asked. */
export interface InstantQuery {
  /** @throws Error naming the query */
  query(query: string, signal: AbortSignal): Promise<readonly { readonly value: number }[]>;
}

const everyMs = 5_000;
const deadlineMs = 4_000;
/** An answer older than this says nothing of now. */
const currentMs = 30_000;

/** What waits according to a query of one series, asked for in the background. */
export class PrometheusDemand implements Watched {
  readonly #spec: PrometheusSpec;
  readonly #prometheus: InstantQuery;
  readonly #clock: Clock;
  #abort = new AbortController();
  #timer: Timer | undefined;
  #stopped = false;
  #items = 0;
  #answeredMs = -Infinity;
  #failure = "not asked yet";

  constructor(spec: PrometheusSpec, prometheus: InstantQuery, clock: Clock) {
    this.#spec = spec;
    this.#prometheus = prometheus;
    this.#clock = clock;
  }

  start(): void {
    void this.#repeat();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#abort.abort();
  }

  items(): number {
    if (this.#clock.monotonicMs() - this.#answeredMs < currentMs) return this.#items;
    throw new ScalerUnavailable(`${this.#spec.url}, query ${this.#spec.query}: ${this.#failure}`);
  }

  async #repeat(): Promise<void> {
    await this.#refresh();
    if (!this.#stopped) this.#timer = this.#clock.after(everyMs, () => void this.#repeat());
  }

  async #refresh(): Promise<void> {
    this.#abort = new AbortController();
    const deadline = this.#clock.after(deadlineMs, () => this.#abort.abort(new Error(`no answer in ${deadlineMs} ms`)));
    try {
      const samples = await this.#prometheus.query(this.#spec.query, this.#abort.signal);
      this.#items = onlyValue(samples);
      this.#answeredMs = this.#clock.monotonicMs();
    } catch (error) {
      this.#failure = describeError(error);
    } finally {
      deadline.cancel();
    }
  }
}

/** No series is not zero: the exporter may be gone. */
function onlyValue(samples: readonly { readonly value: number }[]): number {
  const [sample] = samples;
  if (!sample || samples.length > 1) throw new Error(`${samples.length} series, where one is wanted`);
  return Math.max(0, sample.value);
}

import { type Clock, Polled, silentLogger } from "@walras/kit";

import { NotKnown } from "../../decide/notKnown.ts";
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
  readonly #polled: Polled<number>;

  constructor({ url, query }: PrometheusSpec, prometheus: InstantQuery, clock: Clock) {
    this.#polled = new Polled({
      name: `${url}, query ${query}`,
      ask: async (signal) => onlyValue(await prometheus.query(query, signal)),
      everyMs,
      deadlineMs,
      freshMs: currentMs,
      clock,
      // KEDA shows the failure on the object that asks.
      logger: silentLogger,
    });
  }

  start(): void {
    void this.#polled.start();
  }

  stop(): void {
    void this.#polled.stop();
  }

  items(): number {
    const answer = this.#polled.fresh();
    if (answer === null) throw new NotKnown(this.#polled.trouble() ?? "not known");
    return answer.value;
  }
}

/** No series is not zero: the exporter may be gone. */
function onlyValue(samples: readonly { readonly value: number }[]): number {
  const [sample] = samples;
  if (!sample || samples.length > 1) throw new Error(`${samples.length} series, where one is wanted`);
  return Math.max(0, sample.value);
}

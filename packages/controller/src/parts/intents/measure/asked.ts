import { type Clock, describeError, type Logger, Once } from "@walras/kit";

import type { TimedSample } from "../../../base/telemetry/prometheus.ts";
import type { Measurement } from "../decide/snapshot.ts";

/** A query for somebody. */
export interface Ask {
  readonly endpoint: string;
  readonly query: string;
}

/** Whom a query is sent to. */
interface Clients {
  clientFor(endpoint: string): {
    query(query: string, signal: AbortSignal): Promise<readonly TimedSample[]>;
  };
}

export interface AskingOptions {
  readonly clients: Clients;
  /** After it a value is stale. */
  readonly staleAfterSeconds: number;
  /** How long one query may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counted: (outcome: Outcome) => void;
}

/** What became of a query. */
export type Outcome = "value" | "stale" | "missing" | "failed";

interface Seen {
  readonly value: number;
  readonly atMs: number;
}

/** A metric by its name and labels, of which nothing is computed. */
const plainSelector = /^[a-zA-Z_:][\w:]*(?:\{[^{}]*\})?$/;

/** Beyond it a value says nothing of now, and is forgotten. */
const longestKeptMs = 600_000;

/** Asks one query at a time, and knows what it said before. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #said = new Once();

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  /** A value, an old one, or none; nothing is thrown. */
  async ask(ask: Ask, signal: AbortSignal): Promise<Measurement> {
    const matter = keyOf(ask);
    try {
      const samples = await this.samples(ask, signal);
      const complaint = complaintOf(samples);
      this.#say(ask, complaint);
      const [sample] = samples;
      if (complaint !== undefined || sample === undefined) return this.#count({ kind: "missing" });
      return this.#taken(matter, { value: sample.value, atMs: await this.#momentOf(ask, sample, signal) });
    } catch (error) {
      this.#options.counted("failed");
      this.#say(ask, describeError(error));
      return this.#before(matter);
    }
  }

  /** @throws Error naming the query and what is wrong, also where it takes too long */
  async samples({ endpoint, query }: Ask, signal: AbortSignal): Promise<readonly TimedSample[]> {
    const { clients, clock, timeoutMs } = this.#options;
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort(new Error(`no answer in ${timeoutMs / 1_000} s`)));
    try {
      return await clients.clientFor(endpoint).query(query, AbortSignal.any([signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** Forgets what was asked before and is not any more. */
  keepOnly(asks: ReadonlySet<string>): void {
    for (const key of this.#seen.keys()) if (!asks.has(key)) this.#seen.delete(key);
  }

  /**
   * A query is answered as of now, though what it selects may be minutes old:
   * of what is only selected Prometheus says when it was.
   */
  async #momentOf({ endpoint, query }: Ask, { atMs }: TimedSample, signal: AbortSignal): Promise<number> {
    if (!plainSelector.test(query.trim())) return atMs;
    const [moment] = await this.samples({ endpoint, query: `timestamp(${query})` }, signal);
    return moment === undefined ? atMs : Math.min(atMs, moment.value * 1_000);
  }

  #taken(matter: string, seen: Seen): Measurement {
    const { value, atMs } = seen;
    this.#seen.set(matter, seen);
    const ageSeconds = this.#ageSeconds(atMs);
    if (ageSeconds <= this.#options.staleAfterSeconds) return this.#count({ kind: "value", value });
    return this.#count({ kind: "stale", value, ageSeconds: Math.round(ageSeconds) });
  }

  /** What it was before; it is stale however young, since nobody has confirmed it. */
  #before(matter: string): Measurement {
    const seen = this.#seen.get(matter);
    if (seen === undefined) return { kind: "missing" };
    const ageSeconds = this.#ageSeconds(seen.atMs);
    if (ageSeconds * 1_000 <= longestKeptMs)
      return { kind: "stale", value: seen.value, ageSeconds: Math.round(ageSeconds) };
    this.#seen.delete(matter);
    return { kind: "missing" };
  }

  #ageSeconds(atMs: number): number {
    return Math.max(0, this.#options.clock.wallMs() - atMs) / 1_000;
  }

  #count(measurement: Measurement): Measurement {
    this.#options.counted(measurement.kind);
    return measurement;
  }

  #say({ endpoint, query }: Ask, complaint: string | undefined): void {
    if (!this.#said.isNews(`${endpoint} ${query}`, complaint) || complaint === undefined) return;
    this.#options.logger.warn({ endpoint, query, problem: complaint }, "a KPI cannot be measured");
  }
}

export function keyOf({ endpoint, query }: Ask): string {
  return `${endpoint} ${query}`;
}

/** A KPI is one number, and none is below zero; the prototype writes −1 where it knows nothing. */
function complaintOf(samples: readonly TimedSample[]): string | undefined {
  const [sample] = samples;
  if (sample === undefined) return "there is no sample";
  if (samples.length > 1) return `there are ${samples.length} series, which is not one value`;
  return sample.value < 0 ? `${sample.value} is no value of a KPI` : undefined;
}

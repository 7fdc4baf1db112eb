import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";

import type { Sample } from "../../prometheus/client.ts";
import type { SlotTelemetry } from "../slots/ledger.ts";
import type { NodeCpu } from "../slots/node.ts";

/** The prototype's: the share of time that CPUs were not idle, over 30 s. */
export const defaultCpuQuery = '1 - avg by (instance)(rate(node_cpu_seconds_total{mode="idle"}[30s]))';

/** Prometheus, as far as it is asked. */
interface InstantQuery {
  /** @throws Error naming the query */
  query(query: string, signal: AbortSignal): Promise<readonly Sample[]>;
}

export interface PrometheusTelemetryOptions {
  readonly prometheus: InstantQuery;
  readonly query: string;
  /** Nodes with every name by which a series may call them. */
  readonly nodes: () => Iterable<{ readonly name: string; readonly addresses: readonly string[] }>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 5_000;
const deadlineMs = 4_000;
/** Answers older than this say nothing of now. */
const currentMs = 30_000;
/** Labels in which exporters and relabelling put the node. */
const nodeLabels = ["node", "nodename", "kubernetes_node", "exported_instance", "instance"] as const;

/** CPU of nodes as Prometheus tells it, asked for in the background. Age is since it answered, by our own clock. */
export class PrometheusTelemetry implements SlotTelemetry, Runnable {
  readonly name = "Prometheus telemetry";
  readonly #options: PrometheusTelemetryOptions;
  readonly #abort = new AbortController();
  #busy: ReadonlyMap<string, number> = new Map();
  #answeredMs = -Infinity;
  #failure: string | null = "Prometheus has not been asked yet";
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PrometheusTelemetryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.refresh();
    this.#timer = this.#options.clock.after(everyMs, () => this.start());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
  }

  /** Asks once. Never throws. */
  async refresh(): Promise<void> {
    const { prometheus, query, clock, logger } = this.#options;
    try {
      const samples = await prometheus.query(
        query,
        AbortSignal.any([this.#abort.signal, AbortSignal.timeout(deadlineMs)]),
      );
      const busy = new Map(samples.filter(({ value }) => value >= 0 && value <= 1.5).flatMap(keysOf));
      if (busy.size === 0) throw new Error(`no series of ${query} has a value: is it scraped at least every 15 s?`);
      this.#busy = busy;
      this.#answeredMs = clock.monotonicMs();
      this.#failure = null;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const failure = describeError(error);
      if (failure !== this.#failure) logger.warn({ error: failure }, "Prometheus does not tell");
      this.#failure = failure;
    }
  }

  trouble(): string | null {
    return this.#ageMs() > currentMs ? `Prometheus: ${this.#failure ?? "no answer"}` : null;
  }

  cpu(node: string): NodeCpu | null {
    for (const { name, addresses } of this.#options.nodes()) {
      if (name !== node) continue;
      const known = [name, ...addresses].find((one) => this.#busy.has(one));
      return known === undefined
        ? null
        : { busyFraction: Math.min(1, this.#busy.get(known) ?? 1), ageMs: this.#ageMs() };
    }
    return null;
  }

  #ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#answeredMs;
  }
}

/** Every name by which the series may mean a node: with and without a port. */
function keysOf({ labels, value }: Sample): [string, number][] {
  return nodeLabels.flatMap((label) => {
    const name = labels[label];
    if (name === undefined) return [];
    return [[name, value] as [string, number], [withoutPort(name), value] as [string, number]];
  });
}

function withoutPort(name: string): string {
  return name.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
}

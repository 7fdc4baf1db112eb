import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";

import type { SlotTelemetry } from "../slots/ledger.ts";
import type { NodeCpu } from "../slots/node.ts";
import { defaultSlotPolicy } from "../slots/policy.ts";

/** Somebody else who knows the CPU of nodes. */
export interface CpuSource {
  /** As complaints name it. */
  readonly name: string;
  /**
   * CPU by any name of a node.
   *
   * @throws Error where it knows of none: an empty answer does not mean idle nodes
   */
  ask(signal: AbortSignal): Promise<ReadonlyMap<string, NodeCpu>>;
}

export interface PolledTelemetryOptions {
  readonly source: CpuSource;
  /** Nodes with every name by which the source may call them. */
  readonly nodes: () => Iterable<{ readonly name: string; readonly addresses: readonly string[] }>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 5_000;
const deadlineMs = 4_000;
/** Older than this and nothing it told counts as current: a node's CPU does not either. */
const currentMs = defaultSlotPolicy.freshMs;

/** CPU of nodes as somebody else tells it, asked for in the background. Its age grows by our own clock, whatever theirs says. */
export class PolledTelemetry implements SlotTelemetry, Runnable {
  readonly name: string;
  readonly #options: PolledTelemetryOptions;
  readonly #abort = new AbortController();
  #told: ReadonlyMap<string, NodeCpu> = new Map();
  #answeredMs = -Infinity;
  #failure: string;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PolledTelemetryOptions) {
    this.#options = options;
    this.name = `CPU from ${options.source.name}`;
    this.#failure = `${options.source.name} has not been asked yet`;
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
    const { source, clock, logger } = this.#options;
    try {
      this.#told = await source.ask(AbortSignal.any([this.#abort.signal, AbortSignal.timeout(deadlineMs)]));
      this.#answeredMs = clock.monotonicMs();
      this.#failure = "";
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const failure = describeError(error);
      if (failure !== this.#failure) logger.warn({ source: source.name, error: failure }, "CPU of nodes is not told");
      this.#failure = failure;
    }
  }

  trouble(): string | null {
    return this.#sinceMs() > currentMs ? `${this.#options.source.name}: ${this.#failure || "no answer"}` : null;
  }

  cpu(node: string): NodeCpu | null {
    const known = [...this.#namesOf(node)].map((name) => this.#told.get(name)).find((cpu) => cpu !== undefined);
    return known === undefined ? null : { ...known, ageMs: known.ageMs + this.#sinceMs() };
  }

  *#namesOf(node: string): Iterable<string> {
    for (const { name, addresses } of this.#options.nodes()) {
      if (name === node) yield* [name, ...addresses];
    }
  }

  #sinceMs(): number {
    return this.#options.clock.monotonicMs() - this.#answeredMs;
  }
}

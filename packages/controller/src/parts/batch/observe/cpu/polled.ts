import { type Clock, type Logger, Polled, type Runnable } from "@walras/kit";

import type { SlotTelemetry } from "../../slots/ports.ts";
import type { NodeCpu } from "../../decide/slot.ts";
import { defaultSlotPolicy } from "../../decide/policy.ts";

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
const { freshMs } = defaultSlotPolicy;

/** CPU of nodes as somebody else tells it, asked for in the background. Its age grows by our own clock, whatever theirs says. */
export class PolledTelemetry implements SlotTelemetry, Runnable {
  readonly name: string;
  readonly #options: PolledTelemetryOptions;
  readonly #polled: Polled<ReadonlyMap<string, NodeCpu>>;

  constructor(options: PolledTelemetryOptions) {
    const { source } = options;
    this.#options = options;
    this.name = `CPU from ${source.name}`;
    this.#polled = new Polled({
      ...options,
      name: source.name,
      ask: (signal) => source.ask(signal),
      everyMs,
      deadlineMs,
      freshMs,
    });
  }

  /** Nobody waits for the first answer: until it is there, CPU is not known. */
  start(): void {
    void this.#polled.start();
  }

  stop(): Promise<void> {
    return this.#polled.stop();
  }

  /** Asks once. Never throws. */
  refresh(): Promise<void> {
    return this.#polled.refresh();
  }

  trouble(): string | null {
    return this.#polled.trouble();
  }

  cpu(node: string): NodeCpu | null {
    const last = this.#polled.last();
    if (!last) return null;
    const known = [...this.#namesOf(node)].map((name) => last.value.get(name)).find((cpu) => cpu !== undefined);
    return known === undefined ? null : { ...known, ageMs: known.ageMs + last.ageMs };
  }

  *#namesOf(node: string): Iterable<string> {
    for (const { name, addresses } of this.#options.nodes()) {
      if (name === node) yield* [name, ...addresses];
    }
  }
}

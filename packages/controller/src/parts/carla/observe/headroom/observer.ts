import { type Clock, type Logger, Polled, type Runnable } from "@walras/kit";

import type { Usage } from "../../decide/snapshot.ts";
import type { UsageReading, UsageSource } from "./source.ts";

export interface UsageObserverOptions {
  /** In order of preference. */
  readonly sources: readonly UsageSource[];
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Usage as it is known now, and whose word it is. */
export interface KnownUsage extends Usage {
  /** null: nobody's. */
  readonly source: string | null;
  /** Where it comes from, or why nobody knows. */
  readonly detail: string;
}

const deadlineMs = 10_000;
/** Load changes: an older reading says nothing of now. */
const leastFreshMs = 90_000;

/** Asks all sources in the background, so that a decision never waits for one. */
export class UsageObserver implements Runnable {
  readonly name = "usage observer";
  readonly #options: Omit<UsageObserverOptions, "sources" | "intervalMs">;
  /** In order of preference. */
  #polled: readonly Polled<UsageReading>[];
  #replacing: Promise<void> = Promise.resolve();
  #known: boolean | undefined;
  #stopped = false;

  constructor({ sources, intervalMs, ...around }: UsageObserverOptions) {
    this.#options = around;
    this.#polled = polledFrom({ sources, intervalMs, ...around });
  }

  /** Returns when each source has answered once, or failed to. */
  async start(): Promise<void> {
    await Promise.all(this.#polled.map((one) => one.start()));
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#polled.map((one) => one.stop()));
    await this.#replacing;
  }

  /** Other sources, once each of them has answered or failed to; until then those of before are believed. */
  replace(by: Pick<UsageObserverOptions, "sources" | "intervalMs">): Promise<void> {
    const next = polledFrom({ ...by, ...this.#options });
    this.#replacing = this.#replaced(next, this.#replacing);
    return this.#replacing;
  }

  /** In the order in which they were asked for. */
  async #replaced(next: readonly Polled<UsageReading>[], before: Promise<void>): Promise<void> {
    await before;
    await Promise.all(next.map((one) => one.start()));
    const over = this.#stopped ? next : this.#polled;
    if (!this.#stopped) this.#polled = next;
    await Promise.all(over.map((one) => one.stop()));
    this.#known = undefined;
    this.#tell();
  }

  /** Asks every source once. Never throws. */
  async refresh(): Promise<void> {
    await Promise.all(this.#polled.map((one) => one.refresh()));
  }

  /** The first source's word that is fresh; null where there is none: unknown is not zero. */
  usage(): KnownUsage {
    if (this.#known !== undefined) this.#tell();
    return this.#usage();
  }

  #usage(): KnownUsage {
    for (const one of this.#polled) {
      const answer = one.fresh();
      if (answer) return { ...answer.value, source: one.name };
    }
    const detail = this.#polled.map((one) => one.trouble()).join("; ");
    return { cpu: null, memory: null, source: null, detail: detail || "nobody is there to be asked" };
  }

  /** That nothing can be released is worth a warning, once each time it becomes so. */
  #tell(): void {
    const { source, detail } = this.#usage();
    const known = source !== null;
    if (known === this.#known || this.#stopped) return;
    const { logger } = this.#options;
    if (known) logger.info({ source }, "how full the cluster is, is known");
    else logger.warn({ why: detail, remedy }, "how full the cluster is, is not known: nothing is released");
    this.#known = known;
  }
}

const remedy =
  "one of these must answer: agents, a metrics server (metrics.k8s.io), or telemetry.prometheus_url, if it is set";

function polledFrom({ sources, intervalMs, ...around }: UsageObserverOptions): readonly Polled<UsageReading>[] {
  const freshMs = Math.max(leastFreshMs, 3 * intervalMs);
  return sources.map(
    (source) =>
      new Polled({
        ...around,
        name: source.name,
        ask: askOf(source),
        everyMs: intervalMs,
        deadlineMs,
        freshMs,
        level: "info",
      }),
  );
}

/** Half an answer is none: which half is missing is its failure. */
function askOf(source: UsageSource): (signal: AbortSignal) => Promise<UsageReading> {
  return async (signal) => {
    const reading = await source.read(signal);
    if (reading.cpu === null || reading.memory === null) throw new Error(reading.detail);
    return reading;
  };
}

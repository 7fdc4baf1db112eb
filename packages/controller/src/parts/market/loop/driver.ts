import { type Clock, type Logger, Repeating, type Runnable, type Timer } from "@walras/kit";

import type { RoundResult } from "../explain/result.ts";
import type { NodeRound } from "./round.ts";
import { guarded, type RoundObserver } from "./steps.ts";

export interface DriverOptions {
  readonly round: NodeRound;
  /** Every node that has managed pods, or had. */
  readonly nodes: () => Iterable<string>;
  /** Decisions are made only by the leader and only on a synced view. */
  readonly mayDecide: () => boolean;
  readonly observer: RoundObserver;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Nodes without news are looked at this often: silence is a fact too. */
const tickMs = 1_000;
/** A node decided more recently than this is not due by the tick. */
const recentMs = 1_500;
/** Between two rounds of one node, whatever happens on it. */
const leastGapMs = 40;
/** Rounds that are due together leave room for everything else this often. */
const sliceMs = 8;

/** Runs a node's round when its agent has reported, when its pods have answered, and at least each tick. */
export class MarketLoop implements Runnable {
  readonly name = "market";
  readonly #options: DriverOptions;
  readonly #lastMs = new Map<string, number>();
  readonly #due = new Map<string, Timer>();
  readonly #ready = new Set<string>();
  #pump: Timer | undefined;
  readonly #results = new Map<string, RoundResult>();
  readonly #ticks: Repeating;

  constructor(options: DriverOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#ticks = new Repeating({ name: "market ticks", everyMs: tickMs, clock, logger, run: () => this.#tick() });
  }

  start(): Promise<void> {
    return this.#ticks.start();
  }

  async stop(): Promise<void> {
    await this.#ticks.stop();
    this.#pump?.cancel();
    this.#ready.clear();
    for (const timer of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  /** Something about the node is new: decide as soon as may be. */
  request(node: string): void {
    if (this.#due.has(node) || this.#ready.has(node)) return;
    const { clock } = this.#options;
    const waitMs = leastGapMs - (clock.monotonicMs() - (this.#lastMs.get(node) ?? -Infinity));
    if (waitMs <= 0) return this.#makeReady(node);
    const due = clock.after(waitMs, () => {
      this.#due.delete(node);
      this.#makeReady(node);
    });
    this.#due.set(node, due);
  }

  /** Each node's last round. */
  results(): IterableIterator<RoundResult> {
    return this.#results.values();
  }

  /** Of one node; undefined: it had none. */
  resultOf(node: string): RoundResult | undefined {
    return this.#results.get(node);
  }

  /** Whether some pod of the node waits for others to shrink. */
  hasWaiting(node: string): boolean {
    return this.#results.get(node)?.outcomes.some(({ waiting }) => waiting) ?? false;
  }

  forget(node: string): void {
    this.#lastMs.delete(node);
    this.#results.delete(node);
    this.#options.round.forget(node);
  }

  #makeReady(node: string): void {
    this.#ready.add(node);
    this.#pump ??= this.#options.clock.after(0, () => this.#runReady());
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const node of this.#options.nodes()) {
      if (nowMs - (this.#lastMs.get(node) ?? -Infinity) >= recentMs) this.request(node);
    }
  }

  /** Runs what is ready, a slice at a time, so that reports and answers are read in between. */
  #runReady(): void {
    this.#pump = undefined;
    const { clock, mayDecide } = this.#options;
    const startedMs = clock.monotonicMs();
    // Who may not decide now has no news to wait for: the next tick asks again.
    if (!mayDecide()) this.#ready.clear();
    for (const node of this.#ready) {
      if (clock.monotonicMs() - startedMs >= sliceMs) {
        this.#pump = clock.after(0, () => this.#runReady());
        return;
      }
      this.#ready.delete(node);
      this.#run(node);
    }
  }

  #run(node: string): void {
    const { round, clock, observer, logger } = this.#options;
    this.#lastMs.set(node, clock.monotonicMs());
    guarded(node, () => this.#results.set(node, round.run(node)), observer, logger);
  }
}

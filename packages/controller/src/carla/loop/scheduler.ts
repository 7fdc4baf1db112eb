import { type Clock, describeError, type Logger, type Runnable, type Timer } from "@walras/kit";

import type { ReleaseConfig } from "../config/policy.ts";
import type { Releaser } from "../release/releaser.ts";
import type { Tick } from "./tick.ts";

export interface SchedulerOptions {
  readonly tick: Tick;
  readonly releaser: Releaser;
  readonly config: () => ReleaseConfig;
  /** The leader, and nobody else: what a standby would decide is of no use to anybody. */
  readonly mayAct: () => boolean;
  /** Told each second how many releases are in flight. */
  readonly onFollowed: (inFlight: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Releases in flight are looked at this often. */
const followMs = 1_000;

/** Ticks as often as the policy says and follows releases in between; neither waits for Argo CD. */
export class ReleaseScheduler implements Runnable {
  readonly name = "release scheduler";
  readonly #options: SchedulerOptions;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #tickTimer: Timer | undefined;
  #followTimer: Timer | undefined;
  #ticked = false;
  #remembered: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Whether a tick has been run. */
  get ticked(): boolean {
    return this.#ticked;
  }

  start(): void {
    this.#tick();
    this.#follow();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#tickTimer?.cancel();
    this.#followTimer?.cancel();
    await Promise.allSettled(this.#running);
    await this.#options.releaser.stop();
  }

  #tick(): void {
    const { clock, config } = this.#options;
    this.#tickTimer?.cancel();
    if (this.#abort.signal.aborted) return;
    this.#tickTimer = clock.after(config().policy.tickMs, () => this.#tick());
    this.#run();
  }

  #run(): void {
    const { mayAct, logger } = this.#options;
    this.#ticked = true;
    if (!mayAct()) return;
    const run = this.#lead()
      .catch((error: unknown) => logger.error({ error: describeError(error) }, "tick failed"))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** A new leader begins with what the last one has written down. */
  async #lead(): Promise<void> {
    const { tick, config, releaser } = this.#options;
    this.#remembered ??= releaser.remember();
    await this.#remembered;
    await tick.run(config(), this.#abort.signal);
  }

  #follow(): void {
    const { releaser, clock } = this.#options;
    this.#followTimer = clock.after(followMs, () => this.#follow());
    const before = releaser.inFlight().length;
    if (this.#options.mayAct()) releaser.follow();
    const after = releaser.inFlight().length;
    this.#options.onFollowed(after);
    if (after < before) this.#tick();
  }
}

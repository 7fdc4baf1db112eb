import { type Clock, describeError, type Logger, Repeating, type RepeatingObserver, type Runnable } from "@walras/kit";

import type { ReleaseConfig } from "../config/policy.ts";
import type { Pacing } from "../act/pacing.ts";
import type { Releaser } from "../act/releaser.ts";
import type { Recollection } from "./recollection.ts";
import type { Tick } from "./tick.ts";

export interface SchedulerOptions {
  readonly tick: Tick;
  readonly releaser: Releaser;
  readonly pacing: Pick<Pacing, "look">;
  readonly recollection: Recollection;
  readonly config: () => ReleaseConfig;
  /** The leader, and nobody else: what a standby would decide is of no use to anybody. */
  readonly mayAct: () => boolean;
  /** Told each second how many releases are in flight. */
  readonly onFollowed: (inFlight: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer?: RepeatingObserver;
}

/** Releases in flight are looked at this often. */
const followMs = 1_000;

/** Ticks as often as the policy says and follows releases in between; neither waits for Argo CD. */
export class ReleaseScheduler implements Runnable {
  readonly name = "release scheduler";
  readonly #options: SchedulerOptions;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #ticks: Repeating;
  readonly #follows: Repeating;
  #ticked = false;
  #led = false;
  #tickMs = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const everyMs = (): number => options.config().policy.tickMs;
    this.#ticks = new Repeating({
      ...options,
      name: "carla ticks",
      everyMs,
      first: "at once",
      run: () => this.#tick(),
    });
    this.#follows = new Repeating({ ...options, name: "releases", everyMs: followMs, run: () => this.#follow() });
  }

  /** Whether a tick has been run. */
  get ticked(): boolean {
    return this.#ticked;
  }

  async start(): Promise<void> {
    await this.#ticks.start();
    await this.#follows.start();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ticks.stop();
    await this.#follows.stop();
    await Promise.allSettled(this.#running);
    await this.#options.releaser.stop();
  }

  /** Begins a tick: whatever it waits for does not hold up the next. */
  #tick(): void {
    const { mayAct, logger, config } = this.#options;
    this.#ticked = true;
    this.#led = mayAct();
    this.#tickMs = config().policy.tickMs;
    if (!this.#led) return;
    const run = this.#lead()
      .catch((error: unknown) => logger.error({ error: describeError(error) }, "tick failed"))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Decides now: what is decided from has changed. */
  now(): void {
    void this.#ticks.now();
  }

  /** A new leader begins with what the last one has written down; until that is read it decides and releases nothing. */
  async #lead(): Promise<void> {
    const { tick, recollection } = this.#options;
    await recollection.attempt();
    await tick.run(this.#abort.signal);
  }

  #follow(): void {
    const { releaser, pacing, mayAct, recollection } = this.#options;
    const before = releaser.inFlight().length;
    if (mayAct()) releaser.follow();
    pacing.look();
    if (mayAct() && this.#ticked) void recollection.attempt().then((remembered) => remembered && this.now());
    const after = releaser.inFlight().length;
    this.#options.onFollowed(after);
    if (after < before || this.#isDue()) void this.#ticks.now();
  }

  /** A tick that need not wait: the first of a leader, of another interval, and of what was not known and now is. */
  #isDue(): boolean {
    const { mayAct, config, tick } = this.#options;
    const isOther = !this.#led || config().policy.tickMs !== this.#tickMs;
    this.#led &&= mayAct();
    return mayAct() && (isOther || tick.isDue(config()));
  }
}

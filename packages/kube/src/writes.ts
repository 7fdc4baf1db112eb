import {
  Backoff,
  type Clock,
  describeError,
  type Logger,
  type Rng,
  type Runnable,
  type Timer,
  TokenBucket,
} from "@walras/kit";

import { KubeError } from "./port.ts";

/** One write of one object. A newer one for the same key takes its place. */
export interface Write {
  readonly key: string;
  /** Lower goes first. */
  readonly priority: number;
  /** May be called more than once; what it throws decides whether again. */
  readonly write: () => Promise<void>;
}

/** What is told of the queue. */
export interface WriteObserver {
  finished(outcome: "done" | "failed" | "retried"): void;
  waiting(count: number): void;
}

export interface WriteQueueOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: WriteObserver;
}

interface Entry {
  next: Write | undefined;
  busy: boolean;
  order: number;
  backoff: Backoff | undefined;
  notBeforeMs: number;
}

const retryBounds = { firstMs: 200, maxMs: 30_000 };
/** Enough to hide the latency of a call, few enough to be fair to the API server. */
const mostInFlight = 16;

/**
 * The budget of writes to the API server: at most one in flight for each key,
 * the newest wanted value wins, the most urgent first, all under one rate.
 * Bounded by the number of keys, since a key waits once.
 */
export class WriteQueue implements Runnable {
  readonly name = "write queue";
  readonly #options: WriteQueueOptions;
  readonly #bucket: TokenBucket;
  readonly #entries = new Map<string, Entry>();
  readonly #idle: (() => void)[] = [];
  #inFlight = 0;
  #order = 0;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.perSecond, options.burst, options.clock);
  }

  start(): void {
    this.#stopped = false;
  }

  /** Takes no more, and waits for what is in flight; what waits is dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const entry of this.#entries.values()) entry.next = undefined;
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  enqueue(write: Write): void {
    if (this.#stopped) return;
    const entry = this.#entries.get(write.key);
    if (entry) {
      entry.next = write;
    } else {
      this.#entries.set(write.key, {
        next: write,
        busy: false,
        order: this.#order++,
        backoff: undefined,
        notBeforeMs: 0,
      });
    }
    this.#pump();
  }

  /** Writes that wait for their turn. */
  get length(): number {
    let count = 0;
    for (const { next } of this.#entries.values()) if (next) count += 1;
    return count;
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < mostInFlight) {
      const ready = this.#mostUrgent();
      if (!ready || !this.#bucket.tryTake()) break;
      void this.#run(ready.entry, ready.write);
    }
    this.#options.observer.waiting(this.length);
    this.#wakeLater();
  }

  #mostUrgent(): { entry: Entry; write: Write } | undefined {
    const nowMs = this.#options.clock.monotonicMs();
    let best: { entry: Entry; write: Write } | undefined;
    for (const entry of this.#entries.values()) {
      const write = entry.next;
      if (!write || entry.busy || entry.notBeforeMs > nowMs) continue;
      if (
        !best ||
        write.priority < best.write.priority ||
        (write.priority === best.write.priority && entry.order < best.entry.order)
      ) {
        best = { entry, write };
      }
    }
    return best;
  }

  async #run(entry: Entry, write: Write): Promise<void> {
    entry.next = undefined;
    entry.busy = true;
    this.#inFlight += 1;
    try {
      await write.write();
      entry.backoff = undefined;
      this.#options.observer.finished("done");
    } catch (error) {
      this.#failed(entry, write, error);
    } finally {
      entry.busy = false;
      this.#inFlight -= 1;
      if (!entry.next && !entry.backoff) this.#entries.delete(write.key);
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#pump();
    }
  }

  #failed(entry: Entry, write: Write, error: unknown): void {
    const { clock, rng, logger, observer } = this.#options;
    if (!isRetryable(error) || this.#stopped) {
      logger.warn({ key: write.key, error: describeError(error) }, "write failed");
      observer.finished("failed");
      entry.backoff = undefined;
      return;
    }
    observer.finished("retried");
    logger.debug({ key: write.key, error: describeError(error) }, "write is tried again");
    entry.backoff ??= new Backoff(retryBounds, rng);
    const pauseMs = Math.max(entry.backoff.nextMs(), error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0);
    entry.notBeforeMs = clock.monotonicMs() + pauseMs;
    entry.next ??= write;
  }

  #wakeLater(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#stopped || this.#inFlight >= mostInFlight) return;
    const nowMs = this.#options.clock.monotonicMs();
    let soonestMs = Infinity;
    for (const entry of this.#entries.values()) {
      if (entry.next && !entry.busy) soonestMs = Math.min(soonestMs, Math.max(0, entry.notBeforeMs - nowMs));
    }
    if (soonestMs === Infinity) return;
    this.#timer = this.#options.clock.after(Math.max(1, soonestMs, this.#bucket.waitMs()), () => this.#pump());
  }
}

/** No answer, too many requests, a conflict, or the server's own trouble: worth another try. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return error.status === 0 || error.status === 409 || error.status === 429 || error.status >= 500;
}

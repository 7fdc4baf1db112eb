import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, TokenBucket } from "@walras/kit";

import { KubeError } from "./port.ts";
import { Lanes } from "./writeLanes.ts";

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

/** What is known of a key: at most one write in flight, and at most one that waits. */
interface Entry {
  next: Write | undefined;
  busy: boolean;
  /** Not undefined: the last try failed. */
  backoff: Backoff | undefined;
  tries: number;
  /** Whether it waits for the end of a pause. */
  paused: boolean;
}

const retryBounds = { firstMs: 200, maxMs: 30_000 };
/** About three minutes of trying; by then somebody has decided anew or should. */
const mostTries = 12;
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
  /** Those that wait for nothing but their turn. */
  readonly #ready = new Lanes<Write>();
  readonly #idle: (() => void)[] = [];
  #waiting = 0;
  #inFlight = 0;
  #wakes = false;
  #stopped = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.perSecond, options.burst, options.clock);
  }

  start(): void {
    this.#stopped = false;
  }

  /** Takes no more, and waits for what is in flight; what waits is dropped, for it may be no longer ours to write. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [key, entry] of this.#entries) {
      this.#setNext(key, entry, undefined);
      if (!entry.busy) this.#entries.delete(key);
    }
    this.#options.observer.waiting(this.#waiting);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  enqueue(write: Write): void {
    if (this.#stopped) return;
    let entry = this.#entries.get(write.key);
    if (!entry) {
      entry = { next: undefined, busy: false, backoff: undefined, tries: 0, paused: false };
      this.#entries.set(write.key, entry);
    }
    this.#setNext(write.key, entry, write);
    this.#pump();
  }

  /** Writes that wait for their turn. */
  get length(): number {
    return this.#waiting;
  }

  #setNext(key: string, entry: Entry, write: Write | undefined): void {
    if (entry.next) {
      this.#waiting -= 1;
      if (entry.next.priority !== write?.priority) this.#ready.delete(entry.next.priority, key);
    }
    entry.next = write;
    if (!write) return;
    this.#waiting += 1;
    if (!entry.busy && !entry.paused) this.#ready.set(write.priority, key, write);
  }

  #pump(): void {
    while (!this.#stopped && this.#ready.size > 0 && this.#inFlight < mostInFlight) {
      if (!this.#bucket.tryTake()) {
        this.#wakeLater();
        break;
      }
      const write = this.#ready.first();
      const entry = write && this.#entries.get(write.key);
      if (entry) void this.#run(entry, write);
    }
    this.#options.observer.waiting(this.#waiting);
  }

  async #run(entry: Entry, write: Write): Promise<void> {
    this.#setNext(write.key, entry, undefined);
    entry.busy = true;
    this.#inFlight += 1;
    try {
      await write.write();
      this.#forget(entry, "done");
    } catch (error) {
      this.#failed(entry, write, error);
    }
    entry.busy = false;
    this.#inFlight -= 1;
    this.#settle(write.key, entry);
    if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#pump();
  }

  /** After a write: what came for the key meanwhile is ready now. */
  #settle(key: string, entry: Entry): void {
    if (!entry.next) this.#entries.delete(key);
    else if (!entry.paused) this.#ready.set(entry.next.priority, key, entry.next);
  }

  #failed(entry: Entry, write: Write, error: unknown): void {
    const { rng, logger } = this.#options;
    entry.tries += 1;
    if (this.#stopped || entry.tries >= mostTries || !isRetryable(error)) {
      logger.warn({ key: write.key, error: describeError(error), tries: entry.tries }, "write failed");
      this.#forget(entry, "failed");
      return;
    }
    logger.debug({ key: write.key, error: describeError(error) }, "write is tried again");
    this.#options.observer.finished("retried");
    entry.backoff ??= new Backoff(retryBounds, rng);
    if (!entry.next) this.#setNext(write.key, entry, write);
    const askedMs = (error instanceof KubeError && error.retryAfterMs) || 0;
    this.#pauseKey(write.key, entry, Math.max(entry.backoff.nextMs(), askedMs));
  }

  #forget(entry: Entry, outcome: "done" | "failed"): void {
    entry.backoff = undefined;
    entry.tries = 0;
    this.#options.observer.finished(outcome);
  }

  #pauseKey(key: string, entry: Entry, pauseMs: number): void {
    entry.paused = true;
    this.#options.clock.after(pauseMs, () => {
      entry.paused = false;
      if (entry.next && !entry.busy) this.#ready.set(entry.next.priority, key, entry.next);
      this.#pump();
    });
  }

  #wakeLater(): void {
    if (this.#wakes) return;
    this.#wakes = true;
    this.#options.clock.after(Math.max(1, this.#bucket.waitMs()), () => {
      this.#wakes = false;
      this.#pump();
    });
  }
}

/** No answer, too many requests, a conflict, or the server's own trouble: worth another try. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof KubeError) || error.reason === "AlreadyExists") return false;
  return error.status === 0 || error.status === 409 || error.status === 429 || error.status >= 500;
}

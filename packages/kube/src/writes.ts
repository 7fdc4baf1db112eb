import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, TokenBucket } from "@walras/kit";

import { KubeError } from "./port.ts";
import { type Performed, Superseded, type Write } from "./write.ts";
import { Lanes } from "./writeLanes.ts";

/** What is told of the queue. */
export interface WriteObserver {
  /** @param outcome dropped: the queue was full */
  finished(outcome: "done" | "failed" | "retried" | "dropped"): void;
  waiting(count: number): void;
}

export interface WriteQueueOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** How many keys may wait; 50,000 unless told. Beyond it the newest of the least urgent goes. */
  readonly mostWaiting?: number;
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
const defaultMostWaiting = 50_000;

/**
 * The budget of writes to the API server: at most one in flight for each key,
 * the newest wanted value wins, the most urgent first, all under one rate.
 * A key waits once, and only so many keys do.
 */
export class WriteQueue implements Runnable {
  readonly name = "write queue";
  readonly #options: WriteQueueOptions;
  readonly #bucket: TokenBucket;
  readonly #entries = new Map<string, Entry>();
  /** Those that wait for nothing but their turn. */
  readonly #ready = new Lanes<Write>();
  /** Those that wait for anything: their turn, the end of a pause, or the write before. */
  readonly #waiting = new Lanes<Write>();
  readonly #idle: (() => void)[] = [];
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
      const { next } = entry;
      this.#setNext(key, entry, undefined);
      next?.gaveUp?.(new Superseded(key, "stop"));
      if (!entry.busy) this.#entries.delete(key);
    }
    this.#options.observer.waiting(this.#waiting.size);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  enqueue(write: Write): void {
    if (this.#stopped) {
      write.gaveUp?.(new Superseded(write.key, "stop"));
      return;
    }
    const replaced = this.#entries.get(write.key)?.next;
    if (!replaced && !this.#hasRoomFor(write)) {
      this.#drop(write);
      return;
    }
    this.#setNext(write.key, this.#entryOf(write.key), write);
    replaced?.gaveUp?.(new Superseded(write.key, "newer"));
    this.#pump();
  }

  /**
   * Writes, and tells the result. The same budget and the same retries as for
   * `enqueue`.
   *
   * @throws what the last try threw
   * @throws Superseded when a newer write of the key took its place, and when the queue stopped or is full
   */
  perform<Result>({ key, priority, write }: Performed<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.enqueue({ key, priority, write: async () => resolve(await write()), gaveUp: reject });
    });
  }

  get perSecond(): number {
    return this.#options.perSecond;
  }

  /** Writes that wait for their turn. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Makes room by dropping the newest of the least urgent, where that is less urgent than `write`. */
  #hasRoomFor(write: Write): boolean {
    const { mostWaiting = defaultMostWaiting } = this.#options;
    if (this.#waiting.size < mostWaiting) return true;
    if (write.priority >= this.#waiting.leastUrgent) return false;
    const last = this.#waiting.last();
    const entry = last && this.#entries.get(last.key);
    if (!entry) return true;
    this.#setNext(last.key, entry, undefined);
    this.#forgetKey(last.key, entry);
    this.#drop(last);
    return true;
  }

  #drop(write: Write): void {
    this.#options.observer.finished("dropped");
    write.gaveUp?.(new Superseded(write.key, "urgent"));
  }

  #entryOf(key: string): Entry {
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { next: undefined, busy: false, backoff: undefined, tries: 0, paused: false };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #setNext(key: string, entry: Entry, write: Write | undefined): void {
    if (entry.next && entry.next.priority !== write?.priority) {
      this.#ready.delete(entry.next.priority, key);
      this.#waiting.delete(entry.next.priority, key);
    }
    entry.next = write;
    if (!write) return;
    this.#waiting.set(write.priority, key, write);
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
    this.#options.observer.waiting(this.#waiting.size);
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

  /** After a write or a pause: what came for the key meanwhile is ready now. */
  #settle(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    if (!entry.next) this.#forgetKey(key, entry);
    else if (!entry.paused) this.#ready.set(entry.next.priority, key, entry.next);
  }

  #failed(entry: Entry, write: Write, error: unknown): void {
    const { rng, logger } = this.#options;
    entry.tries += 1;
    if (this.#stopped || entry.tries >= mostTries || !isRetryable(error)) {
      logger.warn({ key: write.key, error: describeError(error), tries: entry.tries }, "write failed");
      this.#forget(entry, "failed");
      write.gaveUp?.(error);
      return;
    }
    logger.debug({ key: write.key, error: describeError(error) }, "write is tried again");
    this.#options.observer.finished("retried");
    entry.backoff ??= new Backoff(retryBounds, rng);
    if (entry.next) write.gaveUp?.(new Superseded(write.key, "newer"));
    else this.#setNext(write.key, entry, write);
    const askedMs = (error instanceof KubeError && error.retryAfterMs) || 0;
    this.#pauseKey(write.key, entry, Math.max(entry.backoff.nextMs(), askedMs));
  }

  /** A pause is remembered until it ends, whatever became of who caused it. */
  #forgetKey(key: string, entry: Entry): void {
    if (!entry.busy && !entry.paused) this.#entries.delete(key);
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
      if (!entry.busy) this.#settle(key, entry);
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

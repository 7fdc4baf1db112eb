import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import type { Presence } from "../decide/snapshot.ts";
import { Catalogue, keyOf } from "./catalogue.ts";
import {
  type ApplicationDigest,
  type ApplicationEvent,
  type ApplicationState,
  ArgoError,
  type ArgoReader,
} from "./port.ts";

/** What is told of the stream. */
export interface ApplicationWatchObserver {
  /** @param reason ended, failed, silent or diverged */
  restarted(reason: string): void;
}

export interface ApplicationWatchOptions {
  readonly reader: ArgoReader;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ApplicationWatchObserver;
}

const backoffBounds = { firstMs: 800, maxMs: 30_000 };
/** The server drops events when its buffer is full: a list finds what was lost. */
const resyncMs = 60_000;
/** What a list and the stream may differ in because one is later than the other. */
const graceMs = 5_000;
/** Nothing heard for longer, lists included: what is known may be anything. */
const currentMs = 150_000;
/** Streams that fail in a row before lists take their place. */
const mostFailures = 3;
const pollMs = 15_000;
/** A stream that has not told everything and says no more will not tell the rest: proxies keep back what fills no buffer. */
const stalledMs = 15_000;
/** Lists in a row that find something before the stream is held to be broken. */
const mostDiverged = 2;
const mostReads = 8;

/**
 * Applications kept current by Argo CD's stream, which begins with all of them
 * and then tells each change. A list each minute finds what the stream lost;
 * where streams do not work at all, lists alone do. It never throws.
 */
export class ApplicationWatch implements Runnable {
  readonly name = "application watch";
  readonly #options: ApplicationWatchOptions;
  readonly #catalogue: Catalogue;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #stream = new AbortController();
  #failures = 0;
  #heardMs = -Infinity;
  #streamHeardMs = -Infinity;
  /** What a list told and the stream has not yet. */
  #missing: ReadonlySet<string> | null = null;
  #synced = false;
  #diverged = 0;
  /** What it does not show is not there. */
  #seesAll = false;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: ApplicationWatchOptions) {
    this.#options = options;
    this.#catalogue = new Catalogue(options.clock);
    this.#backoff = new Backoff(backoffBounds, options.rng);
  }

  /** @param key "namespace/name" */
  get(key: string): ApplicationState | undefined {
    return this.#catalogue.get(key);
  }

  presence(key: string): Presence {
    const presence = this.#catalogue.presence(key);
    return presence === "hidden" && this.#seesAll ? "absent" : presence;
  }

  descendants(key: string): readonly ApplicationState[] {
    return this.#catalogue.descendants(key);
  }

  get size(): number {
    return this.#catalogue.size;
  }

  /** What an explicit read gave; older than what is known counts for nothing. */
  put(application: ApplicationState): void {
    this.#catalogue.put(application);
  }

  /** False until all Applications have been heard of, and while nothing has been heard for too long. */
  isCurrent(): boolean {
    return this.#synced && this.#options.clock.monotonicMs() - this.#heardMs < currentMs;
  }

  start(): void {
    this.#loops = Promise.all([this.#streams(), this.#resyncs()]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#stream.abort();
    await this.#loops;
  }

  async #streams(): Promise<void> {
    const { clock, observer, logger } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      let reason = "ended";
      try {
        if (!(await this.#follow())) reason = "failed";
      } catch (error) {
        reason = this.#stream.signal.aborted ? "diverged" : "failed";
        if (!signal.aborted) logger.debug({ error: describeError(error) }, "application stream ended");
      }
      if (signal.aborted) return;
      observer.restarted(reason);
      const lasted = clock.monotonicMs() - startedMs >= resyncMs;
      this.#failures = reason === "failed" && !lasted ? this.#failures + 1 : 0;
      if (lasted) this.#backoff.reset();
      await sleep(clock, this.#backoff.nextMs(), signal);
    }
  }

  /** @returns whether the stream told anything before it ended */
  async #follow(): Promise<boolean> {
    this.#stream = new AbortController();
    this.#streamHeardMs = this.#options.clock.monotonicMs();
    const signal = AbortSignal.any([this.#abort.signal, this.#stream.signal]);
    let told = false;
    for await (const event of this.#options.reader.stream(signal)) {
      told = true;
      this.#heard();
      this.#streamHeardMs = this.#heardMs;
      this.#failures = 0;
      this.#take(event);
      this.#settle(keyOf(event.application));
    }
    return told;
  }

  #take(event: ApplicationEvent): void {
    if (event.type === "deleted") this.#catalogue.remove(keyOf(event.application));
    else if (event.type === "unreadable") this.#catalogue.setAside(event.application);
    else this.#catalogue.put(event.application);
  }

  /** The stream does not say when it has told everything there was: a list knows what that is. */
  #settle(key: string): void {
    if (this.#synced || !this.#missing?.has(key)) return;
    const rest = new Set(this.#missing);
    rest.delete(key);
    this.#missing = rest;
    if (rest.size === 0) this.#synced = true;
  }

  async #resyncs(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#resync();
      } catch (error) {
        if (!signal.aborted) logger.warn({ error: describeError(error) }, "applications cannot be listed");
      }
      await sleep(clock, this.#pauseMs(), signal);
    }
  }

  #pauseMs(): number {
    if (this.#failures >= mostFailures) return pollMs;
    return this.#synced ? resyncMs : this.#backoff.nextMs();
  }

  async #resync(): Promise<void> {
    const { clock, reader } = this.#options;
    const askedMs = clock.monotonicMs();
    void this.#lookWhetherAll();
    const digests = await reader.list(this.#abort.signal);
    this.#heard();
    this.#catalogue.retain(new Set(digests.map(keyOf)), askedMs);
    const unknown = digests.filter((digest) => !this.#catalogue.has(keyOf(digest)));
    if (!this.#synced) {
      this.#missing = new Set(unknown.map(keyOf));
      this.#synced = unknown.length === 0;
    }
    await this.#catchUp(digests.filter((digest) => this.#catalogue.differs(digest, askedMs - graceMs)));
  }

  /** An Argo CD that does not answer this is taken for one that may hide something. */
  async #lookWhetherAll(): Promise<void> {
    this.#seesAll = await this.#options.reader.seesAll(this.#abort.signal).catch(() => false);
  }

  /** Reads what the stream should have told and has not. */
  async #catchUp(suspects: readonly ApplicationDigest[]): Promise<void> {
    const polling = this.#failures >= mostFailures || this.#isStalled();
    // While there is a stream, it tells when something becomes readable.
    const lost = polling ? suspects : suspects.filter((digest) => !this.#catalogue.isUnreadable(keyOf(digest)));
    if (polling || this.#synced) await this.#readAnew(lost);
    if (polling) this.#synced = true;
    this.#distrust(lost.length);
  }

  #isStalled(): boolean {
    return !this.#synced && this.#options.clock.monotonicMs() - this.#streamHeardMs > stalledMs;
  }

  /** A stream that keeps losing events is opened anew. */
  #distrust(suspects: number): void {
    this.#diverged = this.#synced && suspects > 0 ? this.#diverged + 1 : 0;
    if (this.#diverged < mostDiverged) return;
    this.#diverged = 0;
    this.#stream.abort();
  }

  /** What the stream has not told in time is read one by one. */
  async #readAnew(suspects: readonly ApplicationDigest[]): Promise<void> {
    const { reader, logger } = this.#options;
    const queue = [...suspects];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { namespace, name } = next;
        const project = this.#catalogue.get(keyOf(next))?.project ?? "";
        try {
          this.#catalogue.put(await reader.get({ namespace, name }, project, this.#abort.signal));
        } catch (error) {
          if (error instanceof ArgoError && error.failure === "malformed") this.#catalogue.setAside(next);
          logger.debug({ app: keyOf(next), error: describeError(error) }, "application cannot be read");
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(mostReads, queue.length) }, work));
  }

  #heard(): void {
    this.#heardMs = this.#options.clock.monotonicMs();
  }
}

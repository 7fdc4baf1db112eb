import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import { countDivergence } from "./audit.ts";
import { listPages } from "./list.ts";
import { collectionPath } from "./paths.ts";
import { KubeError, type KubeTransport, type Resource } from "./port.ts";
import type { Store, StoreItem } from "./store.ts";
import { Watchdog } from "./watchdog.ts";
import { parseWatchEvent, type RawObject, type WatchEvent } from "./watchEvent.ts";

/** What is told of each watch. */
export interface ReflectorObserver {
  /** @param reason ended, silent, expired, failed or diverged */
  restarted(resource: string, reason: string): void;
  unreadable(resource: string): void;
  diverged(resource: string, count: number): void;
  /** A listener of the store threw. */
  handlerFailed?(resource: string): void;
}

export interface ReflectorOptions<Item extends StoreItem> {
  readonly transport: KubeTransport;
  readonly resource: Resource;
  /** Only objects with these labels, in the API's syntax; all where not given. */
  readonly labelSelector?: string;
  readonly store: Store<Item>;
  /**
   * Trims an object to what is used; undefined leaves it out. What it throws
   * is told with the object's name, and what was read of it before stays.
   */
  readonly transform: (raw: unknown) => Item | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

/** client-go's reflector: 0.8 s growing to 30 s, forgotten after two healthy minutes. */
const backoffBounds = { firstMs: 800, maxMs: 30_000 };
const healthyMs = 120_000;
/** A watch that ends sooner is a failure, else a server that hangs up at once is called in a circle. */
const shortWatchMs = 1_000;
/** The server ends a watch after a random time in [min, 2·min), so that watches do not end together. */
const minWatchSeconds = 300;
/** Bookmarks come about once a minute: longer silence is a dead connection. */
const silenceMs = 90_000;
/** How often the store is compared with a list. */
const auditEveryMs = 600_000;

/**
 * Keeps a store equal to a collection of the API server: list, then watch from
 * there, and again whatever happens. It never gives up and never throws.
 */
export class Reflector<Item extends StoreItem> implements Runnable {
  readonly name: string;
  readonly #options: ReflectorOptions<Item>;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  /** What the store is equal to; empty: nothing, so list. */
  #version = "";
  #heardAtMs = 0;
  #watchdog: Watchdog | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: ReflectorOptions<Item>) {
    const { resource, rng, store, observer, logger } = options;
    this.name = `reflector of ${resource.plural}`;
    this.#options = options;
    this.#backoff = new Backoff(backoffBounds, rng);
    store.reportListenerErrors((error) => {
      observer.handlerFailed?.(resource.plural);
      logger.error({ resource: resource.plural, error: describeError(error) }, "listener failed");
    });
  }

  /** Resolves when the store holds everything for the first time. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Monotonic milliseconds of the last word from the server, bookmarks included. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  start(): void {
    this.#loops = Promise.all([this.#run(), this.#audits()]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loops;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#abort.signal.aborted) {
      const startedMs = clock.monotonicMs();
      const fresh = this.#version === "";
      let failure: unknown;
      try {
        if (fresh) await this.#list();
        this.#restarted(await this.#watch());
      } catch (error) {
        failure = error;
      }
      await this.#pause(failure, { fresh, ranMs: clock.monotonicMs() - startedMs });
    }
  }

  async #list(): Promise<void> {
    const { transport, resource, store, labelSelector } = this.#options;
    const items: Item[] = [];
    let version = "";
    for await (const page of listPages(transport, resource, { labelSelector, signal: this.#abort.signal })) {
      for (const raw of page.items) {
        const item = this.#read(raw as RawObject);
        if (item) items.push(item);
      }
      version = page.resourceVersion;
    }
    store.replace(items);
    this.#version = version;
    this.#heard();
    this.#isSynced = true;
    this.#synced.resolve();
  }

  /** @returns why it ended, where that is no failure */
  async #watch(): Promise<string> {
    const { transport, resource, rng, clock, labelSelector } = this.#options;
    const watchdog = new Watchdog(clock, silenceMs);
    this.#watchdog = watchdog;
    try {
      const lines = await transport.stream({
        method: "GET",
        path: collectionPath(resource),
        query: {
          ...(labelSelector === undefined ? {} : { labelSelector }),
          watch: "true",
          allowWatchBookmarks: "true",
          resourceVersion: this.#version,
          timeoutSeconds: String(Math.floor(minWatchSeconds * (1 + rng()))),
        },
        signal: AbortSignal.any([this.#abort.signal, watchdog.signal]),
      });
      for await (const line of lines) {
        if (watchdog.signal.aborted) break;
        watchdog.feed();
        this.#heard();
        if (line !== "") this.#apply(parseWatchEvent(line));
      }
    } catch (error) {
      if (!watchdog.signal.aborted) throw error;
    } finally {
      watchdog.stop();
    }
    if (!watchdog.signal.aborted) return "ended";
    return this.#version === "" ? "diverged" : "silent";
  }

  #apply({ type, object }: WatchEvent): void {
    if (type === "DELETED") this.#options.store.remove(object.metadata?.uid ?? "");
    else if (type !== "BOOKMARK") this.#take(object);
    this.#version = object.metadata?.resourceVersion ?? this.#version;
  }

  #take(raw: RawObject): void {
    const { store } = this.#options;
    const uid = raw.metadata?.uid ?? "";
    const item = this.#read(raw);
    if (!item) store.remove(uid);
    else if (item !== store.get(uid)) store.put(item);
  }

  /** One object that cannot be read is told; what was read of it before stays. */
  #read(raw: RawObject): Item | undefined {
    const { transform, resource, observer, logger, store } = this.#options;
    try {
      return transform(raw);
    } catch (error) {
      observer.unreadable(resource.plural);
      const { namespace = "", name = "", uid = "" } = raw.metadata ?? {};
      logger.warn(
        { resource: resource.plural, object: `${namespace}/${name}`, error: describeError(error) },
        "object cannot be read",
      );
      return store.get(uid);
    }
  }

  /**
   * Between two watches. One that ended after a fair time is followed at once,
   * and so is one whose version expired, unless that came straight from a list.
   */
  async #pause(failure: unknown, run: { readonly fresh: boolean; readonly ranMs: number }): Promise<void> {
    if (this.#abort.signal.aborted) return;
    if (run.ranMs >= healthyMs) this.#backoff.reset();
    if (failure === undefined) {
      if (run.ranMs < shortWatchMs) await this.#backOff(failure);
    } else if (failure instanceof KubeError && failure.status === 410) {
      this.#version = "";
      this.#restarted("expired");
      if (run.fresh && run.ranMs < shortWatchMs) await this.#backOff(failure);
    } else {
      this.#restarted("failed");
      await this.#backOff(failure);
    }
  }

  async #backOff(failure: unknown): Promise<void> {
    const { clock, logger, resource } = this.#options;
    const askedMs = (failure instanceof KubeError && failure.retryAfterMs) || 0;
    const waitMs = Math.max(this.#backoff.nextMs(), askedMs);
    logger.debug({ resource: resource.plural, error: describeError(failure), waitMs }, "watch is opened again");
    await sleep(clock, waitMs, this.#abort.signal);
  }

  async #audits(): Promise<void> {
    const { clock, logger, resource } = this.#options;
    const { signal } = this.#abort;
    for (;;) {
      await sleep(clock, auditEveryMs, signal);
      if (signal.aborted) return;
      try {
        if (this.#version !== "") await this.#audit();
      } catch (error) {
        logger.debug({ resource: resource.plural, error: describeError(error) }, "audit skipped");
      }
    }
  }

  /** An alarm first: what the watch should have told is counted, then listed anew. */
  async #audit(): Promise<void> {
    const { store, observer, resource } = this.#options;
    const items = new Map([...store.values()].map((item) => [item.uid, item]));
    const view = { items, resourceVersion: this.#version };
    const count = await countDivergence(view, { ...this.#options, signal: this.#abort.signal });
    if (count === 0) return;
    observer.diverged(resource.plural, count);
    this.#version = "";
    this.#watchdog?.bark();
  }

  #heard(): void {
    this.#heardAtMs = this.#options.clock.monotonicMs();
  }

  #restarted(reason: string): void {
    if (!this.#abort.signal.aborted) this.#options.observer.restarted(this.#options.resource.plural, reason);
  }
}

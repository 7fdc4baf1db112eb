import {
  Backoff,
  type Clock,
  describeError,
  type Logger,
  type Rng,
  type Runnable,
  sleep,
  type Timer,
} from "@walras/kit";

import { listAll } from "./list.ts";
import { collectionPath } from "./paths.ts";
import { KubeError, type KubeTransport, type Resource } from "./port.ts";
import type { Store, StoreItem } from "./store.ts";

/** What is told of each watch. */
export interface ReflectorObserver {
  restarted(resource: string, reason: string): void;
  unreadable(resource: string): void;
  diverged(resource: string, count: number): void;
}

export interface ReflectorOptions<Item extends StoreItem> {
  readonly transport: KubeTransport;
  readonly resource: Resource;
  readonly store: Store<Item>;
  /** Trims an object to what is used; what it throws is told, and the object left out. */
  readonly transform: (raw: unknown) => Item;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

/** client-go's reflector: 0.8 s growing to 30 s, forgotten after two healthy minutes. */
const backoffBounds = { firstMs: 800, maxMs: 30_000 };
const healthyMs = 120_000;
/** The server ends a watch after a random time in [min, 2·min), so that watches do not end together. */
const minWatchSeconds = 300;
/** Bookmarks come about once a minute: longer silence is a dead connection. */
const silenceMs = 90_000;
/** How often the store is compared with a fresh list. */
const auditEveryMs = 600_000;

interface WatchEvent {
  readonly type?: string;
  readonly object?: {
    readonly metadata?: {
      readonly uid?: string;
      readonly namespace?: string;
      readonly name?: string;
      readonly resourceVersion?: string;
    };
    readonly code?: number;
    readonly message?: string;
  };
}

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
  #version = "";
  #listedAtMs = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ReflectorOptions<Item>) {
    this.name = `reflector of ${options.resource.plural}`;
    this.#options = options;
    this.#backoff = new Backoff(backoffBounds, options.rng);
  }

  /** Resolves when the store holds everything for the first time. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#abort.signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        if (this.#version === "") await this.#list();
        await this.#watch();
        if (clock.monotonicMs() - startedMs >= healthyMs) this.#backoff.reset();
      } catch (error) {
        await this.#recover(error, clock.monotonicMs() - startedMs);
      }
    }
  }

  async #list(): Promise<void> {
    const { transport, resource, store, clock } = this.#options;
    const { items, resourceVersion } = await listAll(transport, resource, this.#abort.signal);
    store.replace(items.flatMap((raw) => this.#read(raw) ?? []));
    this.#version = resourceVersion;
    this.#listedAtMs = clock.monotonicMs();
    this.#isSynced = true;
    this.#synced.resolve();
  }

  async #watch(): Promise<void> {
    const { transport, resource, rng, clock } = this.#options;
    const watchdog = new Watchdog(clock, silenceMs);
    const signal = AbortSignal.any([this.#abort.signal, watchdog.signal]);
    try {
      const lines = await transport.stream({
        method: "GET",
        path: collectionPath(resource),
        query: {
          watch: "true",
          allowWatchBookmarks: "true",
          resourceVersion: this.#version,
          timeoutSeconds: String(Math.floor(minWatchSeconds * (1 + rng()))),
        },
        signal,
      });
      for await (const line of lines) {
        watchdog.feed();
        if (line !== "") this.#apply(JSON.parse(line) as WatchEvent);
      }
      this.#restarted(watchdog.signal.aborted ? "silent" : "ended");
    } catch (error) {
      if (!watchdog.signal.aborted) throw error;
      this.#restarted("silent");
    } finally {
      watchdog.stop();
    }
    if (clock.monotonicMs() - this.#listedAtMs >= auditEveryMs) await this.#audit();
  }

  #apply({ type, object }: WatchEvent): void {
    if (type === "ERROR") {
      throw new KubeError(`watch of ${this.#options.resource.plural}: ${object?.message ?? ""}`, {
        status: object?.code ?? 0,
        reason: "WatchError",
      });
    }
    const { uid = "", resourceVersion } = object?.metadata ?? {};
    if (type === "DELETED") this.#options.store.remove(uid);
    else if (type === "ADDED" || type === "MODIFIED") {
      const item = this.#read(object);
      if (item) this.#options.store.put(item);
    }
    if (resourceVersion !== undefined) this.#version = resourceVersion;
  }

  /** One object that cannot be read is told and left out; the one read before stays. */
  #read(raw: unknown): Item | undefined {
    const { transform, resource, observer, logger } = this.#options;
    try {
      return transform(raw);
    } catch (error) {
      observer.unreadable(resource.plural);
      const { namespace, name } = (raw as WatchEvent["object"])?.metadata ?? {};
      logger.warn(
        { resource: resource.plural, object: `${namespace ?? ""}/${name ?? ""}`, error: describeError(error) },
        "object cannot be read",
      );
      return undefined;
    }
  }

  async #recover(error: unknown, ranMs: number): Promise<void> {
    const { clock, logger, resource } = this.#options;
    if (this.#abort.signal.aborted) return;
    const expired = error instanceof KubeError && error.status === 410;
    if (expired) this.#version = "";
    this.#restarted(expired ? "expired" : "failed");
    if (ranMs >= healthyMs) this.#backoff.reset();
    const waitMs = Math.max(this.#backoff.nextMs(), (error instanceof KubeError ? error.retryAfterMs : undefined) ?? 0);
    const quick = expired && this.#isSynced;
    logger.debug(
      { resource: resource.plural, error: describeError(error), waitMs: quick ? 0 : waitMs },
      "watch failed",
    );
    if (!quick) await sleep(clock, waitMs, this.#abort.signal);
    else if (ranMs < backoffBounds.firstMs) await sleep(clock, backoffBounds.firstMs, this.#abort.signal);
  }

  /** An alarm, not the mechanism: what a fresh list knows better is counted. */
  async #audit(): Promise<void> {
    const { transport, resource, store, observer, clock } = this.#options;
    const { items, resourceVersion } = await listAll(transport, resource, this.#abort.signal);
    const fresh = items.flatMap((raw) => this.#read(raw) ?? []);
    const known = new Set([...store.values()].map(({ uid }) => uid));
    const missing = fresh.filter(({ uid }) => !known.delete(uid)).length;
    if (missing + known.size > 0) observer.diverged(resource.plural, missing + known.size);
    store.replace(fresh);
    this.#version = resourceVersion;
    this.#listedAtMs = clock.monotonicMs();
  }

  #restarted(reason: string): void {
    if (!this.#abort.signal.aborted) this.#options.observer.restarted(this.#options.resource.plural, reason);
  }
}

/** Aborts when nothing has been heard for too long. */
class Watchdog {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #abort = new AbortController();
  #timer: Timer;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#timer = this.#arm();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  feed(): void {
    this.#timer.cancel();
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #arm(): Timer {
    return this.#clock.after(this.#limitMs, () => this.#abort.abort());
  }
}

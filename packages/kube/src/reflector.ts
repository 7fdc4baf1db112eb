import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import { Freshness, isRefusal } from "./freshness.ts";
import { listPages } from "./list.ts";
import { collectionPath } from "./paths.ts";
import { KubeError, type KubeLines, type KubeTransport, type Resource } from "./port.ts";
import type { Follower, Projection, ProjectionReport } from "./projection.ts";
import { Watchdog } from "./watchdog.ts";
import { parseWatchEvent, type RawObject, uidOf, type WatchEvent } from "./watchEvent.ts";

/** What is told of each watch. */
export interface ReflectorObserver {
  /** @param reason ended, silent, expired, failed or diverged */
  restarted(resource: string, reason: string): void;
  unreadable(resource: string): void;
  diverged(resource: string, count: number): void;
  /** A listener of the store threw. */
  handlerFailed?(resource: string): void;
}

export interface ReflectorOptions {
  readonly transport: KubeTransport;
  readonly resource: Resource;
  /** Only objects with these labels, in the API's syntax; all where not given. */
  readonly labelSelector?: string;
  /** The kind need not be served: where it is not there are no objects, and that is no trouble. */
  readonly mayBeAbsent?: boolean;
  /** All who read this collection: it is asked for once. */
  readonly projections: readonly Projection[];
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
/** How often the stores are compared with a list. */
const auditEveryMs = 600_000;

/**
 * Keeps the stores of all projections equal to a collection of the API server:
 * list, then watch from there, and again whatever happens. It never gives up
 * and never throws.
 */
export class Reflector implements Runnable {
  readonly name: string;
  readonly #options: ReflectorOptions;
  readonly #followers: readonly Follower[];
  readonly #freshness: Freshness;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  /** What the stores are equal to; empty: nothing, so list. */
  #version = "";
  #watchdog: Watchdog | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: ReflectorOptions) {
    const { resource, rng, clock, projections } = options;
    this.name = `reflector of ${resource.plural}`;
    this.#options = options;
    this.#backoff = new Backoff(backoffBounds, rng);
    this.#freshness = new Freshness(resource.plural, () => clock.monotonicMs());
    const report = reportTo(options);
    this.#followers = projections.map((projection) => projection.follow(report));
  }

  /** Resolves when the stores hold everything for the first time. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Why not to decide on what the stores hold: "pods: not listed yet". null when it is current. */
  trouble(): string | null {
    return this.#freshness.trouble();
  }

  /** Whether the stores follow each change: a watch is open, and has told what it had to. */
  live(): boolean {
    return this.#freshness.live();
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
        if (fresh) await this.#listIfServed();
        this.#restarted(await this.#watch());
      } catch (error) {
        failure = error;
      }
      await this.#pause(failure, { fresh, ranMs: clock.monotonicMs() - startedMs });
    }
  }

  async #listIfServed(): Promise<void> {
    try {
      await this.#list();
    } catch (error) {
      if (this.#options.mayBeAbsent && error instanceof KubeError && error.status === 404) this.#notServed();
      throw error;
    }
  }

  #notServed(): void {
    for (const follower of this.#followers) follower.list().done();
    this.#freshness.notServed();
    this.#synced.resolve();
  }

  async #list(): Promise<void> {
    const { transport, resource, labelSelector } = this.#options;
    const collected = this.#followers.map((follower) => follower.list());
    let version = "";
    for await (const page of listPages(transport, resource, { labelSelector, signal: this.#abort.signal })) {
      for (const raw of page.items as readonly RawObject[]) for (const each of collected) each.add(raw);
      version = page.resourceVersion;
    }
    for (const each of collected) each.done();
    this.#version = version;
    this.#freshness.listed();
    this.#synced.resolve();
  }

  /** @returns why it ended, where that is no failure */
  async #watch(): Promise<string> {
    const watchdog = new Watchdog(this.#options.clock, silenceMs);
    this.#watchdog = watchdog;
    try {
      for await (const line of await this.#open(watchdog.signal)) {
        if (watchdog.signal.aborted) break;
        watchdog.feed();
        this.#freshness.heard();
        if (line !== "") this.#apply(parseWatchEvent(line));
      }
    } catch (error) {
      if (!watchdog.signal.aborted) throw error;
    } finally {
      watchdog.stop();
      this.#freshness.closed();
    }
    if (!watchdog.signal.aborted) return "ended";
    return this.#version === "" ? "diverged" : "silent";
  }

  async #open(signal: AbortSignal): Promise<KubeLines> {
    const { transport, resource, rng, labelSelector } = this.#options;
    const query = {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: this.#version,
      timeoutSeconds: String(Math.floor(minWatchSeconds * (1 + rng()))),
    };
    const signals = AbortSignal.any([this.#abort.signal, signal]);
    try {
      const lines = await transport.stream({ method: "GET", path: collectionPath(resource), query, signal: signals });
      this.#freshness.opened();
      return lines;
    } catch (error) {
      if (!isExpired(error)) this.#freshness.notOpened(error);
      throw error;
    }
  }

  #apply({ type, object }: WatchEvent): void {
    for (const follower of this.#followers) {
      if (type === "DELETED") follower.remove(uidOf(object));
      else if (type !== "BOOKMARK") follower.change(object);
    }
    this.#version = object.metadata?.resourceVersion ?? this.#version;
  }

  /**
   * Between two watches. One that ended after a fair time is followed at once,
   * and so is one whose version expired, unless that came straight from a list.
   * One that was refused begins with a list.
   */
  async #pause(failure: unknown, run: { readonly fresh: boolean; readonly ranMs: number }): Promise<void> {
    if (this.#abort.signal.aborted) return;
    if (run.ranMs >= healthyMs) this.#backoff.reset();
    if (failure === undefined) {
      if (run.ranMs < shortWatchMs) await this.#backOff(failure);
    } else if (isExpired(failure)) {
      this.#version = "";
      this.#restarted("expired");
      if (run.fresh && run.ranMs < shortWatchMs) await this.#backOff(failure);
    } else {
      if (isRefusal(failure)) this.#version = "";
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
    const { transport, observer, resource, labelSelector } = this.#options;
    const comparisons = this.#followers.map((follower) => follower.compare());
    const at = { labelSelector, resourceVersion: this.#version, signal: this.#abort.signal };
    for await (const { items } of listPages(transport, resource, at)) {
      for (const raw of items as readonly RawObject[]) for (const each of comparisons) each.see(raw);
    }
    const count = comparisons.reduce((sum, { divergence }) => sum + divergence, 0);
    if (count === 0) return;
    observer.diverged(resource.plural, count);
    this.#version = "";
    this.#watchdog?.bark();
  }

  #restarted(reason: string): void {
    if (!this.#abort.signal.aborted) this.#options.observer.restarted(this.#options.resource.plural, reason);
  }
}

function reportTo({ resource: { plural: resource }, observer, logger }: ReflectorOptions): ProjectionReport {
  return {
    unreadable: ({ metadata }, error) => {
      observer.unreadable(resource);
      const object = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
      logger.warn({ resource, object, error: describeError(error) }, "object cannot be read");
    },
    listenerFailed: (error) => {
      observer.handlerFailed?.(resource);
      logger.error({ resource, error: describeError(error) }, "listener failed");
    },
  };
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

import type { Clock, Timer } from "@walras/kit";

import type { WatchSink } from "./exchange.ts";
import { jsonOf } from "./objects/equality.ts";
import type { KubeObject } from "./objects/model.ts";
import { apiVersionOf, type ResourceType } from "./resources.ts";
import type { Predicate } from "./selectors.ts";
import type { ApiFailure } from "./status.ts";
import type { StoreEvent } from "./store.ts";
import { tableOf } from "./tables.ts";

/** What one watch wants to see. */
export interface WatchOptions {
  readonly type: ResourceType;
  readonly wanted: Predicate;
  readonly bookmarks: boolean;
  readonly timeoutMs: number | undefined;
  /** Objects come as one-row Tables, for kubectl get --watch. */
  readonly asTable: boolean;
}

const bookmarkEveryMs = 60_000;
/** One comes this long before the timeout, so that the next watch begins where this one ended. */
const lastBookmarkMs = 2_000;

const lines = new WeakMap<StoreEvent, Map<string, string>>();

/** One open watch: filters changes and writes them as lines. */
export class Watcher {
  readonly options: WatchOptions;
  readonly #sink: WatchSink;
  readonly #clock: Clock;
  #timers: Timer[] = [];
  #closed = false;
  #version: number;

  constructor(options: WatchOptions, sink: WatchSink, { clock, version }: { clock: Clock; version: number }) {
    this.options = options;
    this.#sink = sink;
    this.#clock = clock;
    this.#version = version;
    const { timeoutMs, bookmarks } = options;
    if (timeoutMs !== undefined) this.#timers.push(clock.after(timeoutMs, () => this.end()));
    if (bookmarks) this.#bookmarkLater();
    if (bookmarks && timeoutMs !== undefined && timeoutMs > lastBookmarkMs) {
      this.#timers.push(clock.after(timeoutMs - lastBookmarkMs, () => this.#bookmark()));
    }
  }

  /** The state the watch starts with, as ADDED events. */
  begin(objects: Iterable<KubeObject>): void {
    for (const object of objects) this.#sink.line(this.#line("ADDED", object));
  }

  /** Tells that `begin` is complete. */
  initialEventsEnd(): void {
    this.#bookmark({ "k8s.io/initial-events-end": "true" });
  }

  /** A change of the watched collection. */
  send(event: StoreEvent): void {
    if (this.#closed) return;
    this.#version = event.version;
    const type = seenAs(event, this.options.wanted);
    if (!type) return;
    this.#sink.line(this.options.asTable ? this.#line(type, event.object) : sharedLine(event, type, this.options.type));
  }

  #line(seen: StoreEvent["type"], object: KubeObject): string {
    const { type, asTable } = this.options;
    const shown = viewed(type, object);
    if (!asTable) return eventLine(seen, shown);
    const { resourceVersion } = object.metadata;
    const table = tableOf(type, [shown], { metadata: { resourceVersion }, clock: this.#clock });
    return JSON.stringify({ type: seen, object: table });
  }

  /** Ends the watch with an ERROR event. */
  fail(failure: ApiFailure): void {
    if (this.#closed) return;
    this.#sink.line(JSON.stringify({ type: "ERROR", object: failure.toStatus() }));
    this.end();
  }

  /** Ends the watch, as the server does at its timeout. */
  end(): void {
    if (this.#closed) return;
    this.close();
    this.#sink.end();
  }

  /** The client is gone. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How far the watch is known to be, when nothing of its own happened. */
  reached(version: number): void {
    this.#version = version;
  }

  #bookmarkLater(): void {
    const timer = this.#clock.after(bookmarkEveryMs, () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      if (this.#closed) return;
      this.#bookmark();
      this.#bookmarkLater();
    });
    this.#timers.push(timer);
  }

  #bookmark(annotations?: Readonly<Record<string, string>>): void {
    const { type } = this.options;
    const metadata = { resourceVersion: String(this.#version), ...(annotations ? { annotations } : {}) };
    const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
    this.#sink.line(JSON.stringify({ type: "BOOKMARK", object }));
  }
}

/** A selector sees an object that stops matching as deleted, and one that starts to as added. */
function seenAs({ type, object, previous }: StoreEvent, wanted: Predicate): StoreEvent["type"] | undefined {
  const before = previous !== undefined && wanted(previous);
  if (type === "DELETED") return before ? "DELETED" : undefined;
  const after = wanted(object);
  if (after) return before ? "MODIFIED" : "ADDED";
  return before ? "DELETED" : undefined;
}

function sharedLine(event: StoreEvent, seen: StoreEvent["type"], type: ResourceType): string {
  const key = `${seen} ${type.group}/${type.version}`;
  const made = lines.get(event) ?? new Map<string, string>();
  lines.set(event, made);
  const known = made.get(key);
  if (known !== undefined) return known;
  const line = eventLine(seen, viewed(type, event.object));
  made.set(key, line);
  return line;
}

function eventLine(type: string, object: KubeObject): string {
  return `{"type":"${type}","object":${jsonOf(object)}}`;
}

/** The stored `object` as the kind `type` shows it. */
export function viewed(type: ResourceType, object: KubeObject): KubeObject {
  return type.view ? type.view(object) : object;
}

import type { ServerContext } from "./context.ts";
import { type ApiAnswer, type ApiRequest, isOn, jsonAnswer, type WatchAnswer, type WatchSink } from "./exchange.ts";
import { jsonOf } from "./objects/equality.ts";
import type { KubeObject } from "./objects/model.ts";
import { type Page, Pager } from "./pages.ts";
import { apiVersionOf, type ResourceType } from "./resources.ts";
import { parseFieldSelector, parseLabelSelector, type Predicate } from "./selectors.ts";
import { tableOf, wantsTable } from "./tables.ts";
import { ApiFailure, expired, invalidValue, invalid } from "./status.ts";
import type { StoreSnapshot } from "./store.ts";
import { viewed, Watcher } from "./watch.ts";
import type { WatchHub } from "./watchHub.ts";

/** Lists and watches, from the live store or from a view that lags behind. */
export class Reader {
  readonly #context: ServerContext;
  readonly #hub: WatchHub;
  readonly pager = new Pager();
  #stale: StoreSnapshot | undefined;

  constructor(context: ServerContext, hub: WatchHub) {
    this.#context = context;
    this.#hub = hub;
  }

  /** From now on reads see this moment, as from a server that lags; undefined is live again. */
  serveFrom(snapshot: StoreSnapshot | undefined): void {
    this.#stale = snapshot;
  }

  /** The object as readers see it now. */
  get(type: ResourceType, namespace: string, name: string): KubeObject | undefined {
    if (!this.#stale) return this.#context.store.get(type.collection, namespace, name);
    return this.#stale.collections.get(type.collection)?.get(`${namespace}/${name}`);
  }

  /** @throws ApiFailure 400 for wrong selectors, 410 for forgotten versions, 504 for future ones */
  list(type: ResourceType, namespace: string | undefined, request: ApiRequest): ApiAnswer {
    const { query } = request;
    const limit = Number(query["limit"] ?? 0);
    if (query["continue"]) return this.#answer(type, this.pager.next(query["continue"], limit), request);
    this.#checkVersion(query);
    const wanted = predicateOf(type, namespace, query);
    return this.#answer(type, this.pager.first(this.#select(type, wanted), this.#version(), limit), request);
  }

  #answer(type: ResourceType, page: Page, request: ApiRequest): ApiAnswer {
    if (!wantsTable(request)) return listAnswer(type, page);
    const { version, continueToken, items } = page;
    const metadata = { resourceVersion: String(version), ...(continueToken ? { continue: continueToken } : {}) };
    const shown = items.map((object) => viewed(type, object));
    return jsonAnswer(200, tableOf(type, shown, { metadata, clock: this.#context.clock }));
  }

  /** @throws ApiFailure as `list` does; a version that is too old is told by an ERROR event */
  watch(type: ResourceType, namespace: string | undefined, request: ApiRequest): WatchAnswer {
    const { query } = request;
    const wanted = predicateOf(type, namespace, query);
    const version = parseVersion(query["resourceVersion"]);
    this.#checkVersion({ resourceVersion: query["resourceVersion"] ?? "" });
    const seconds = Number(query["timeoutSeconds"] ?? 0);
    const options = {
      type,
      wanted,
      bookmarks: isOn(query["allowWatchBookmarks"]),
      timeoutMs: seconds > 0 ? seconds * 1000 : undefined,
      asTable: wantsTable(request),
    };
    const initial = isOn(query["sendInitialEvents"]);
    return {
      open: (sink) => {
        const watcher = new Watcher(options, sink, { clock: this.#context.clock, version: this.#version() });
        return this.#begin(watcher, { version, initial, sink });
      },
    };
  }

  #begin(watcher: Watcher, start: { version: number; initial: boolean; sink: WatchSink }): () => void {
    const { options } = watcher;
    if (start.version === 0 || start.initial) {
      watcher.begin(this.#select(options.type, options.wanted));
      if (start.initial && options.bookmarks) watcher.initialEventsEnd();
    } else if (!this.#replay(watcher, start.version)) {
      return () => watcher.close();
    }
    return this.#hub.add(watcher);
  }

  #replay(watcher: Watcher, version: number): boolean {
    const events = this.#context.store.since(version);
    if (!events) {
      watcher.fail(expired(`too old resource version: ${version} (${this.#context.store.compactedTo})`));
      return false;
    }
    const until = this.#version();
    for (const event of events) {
      if (event.collection !== watcher.options.type.collection) continue;
      if (event.version <= until) watcher.send(event);
    }
    return true;
  }

  #select(type: ResourceType, wanted: Predicate): readonly KubeObject[] {
    const objects = this.#stale
      ? (this.#stale.collections.get(type.collection)?.values() ?? [])
      : this.#context.store.all(type.collection);
    return [...objects].filter(wanted).toSorted(byName);
  }

  #version(): number {
    return this.#stale?.version ?? this.#context.store.version;
  }

  #checkVersion({ resourceVersion, resourceVersionMatch }: Readonly<Record<string, string>>): void {
    const version = parseVersion(resourceVersion);
    if (version > this.#context.store.version) throw tooLarge(version, this.#context.store.version);
    if (resourceVersionMatch === "Exact" && version !== this.#version()) {
      throw expired("The resourceVersion for the provided list is too old.");
    }
  }
}

function predicateOf(type: ResourceType, namespace: string | undefined, query: ApiRequest["query"]): Predicate {
  const parts: Predicate[] = [];
  if (namespace !== undefined) parts.push(({ metadata }) => metadata.namespace === namespace);
  if (query["labelSelector"]) parts.push(parseLabelSelector(query["labelSelector"]));
  if (query["fieldSelector"]) parts.push(parseFieldSelector(query["fieldSelector"], type.fields));
  return (object) => parts.every((part) => part(object));
}

function byName({ metadata: left }: KubeObject, { metadata: right }: KubeObject): number {
  const [one, other] = [left.namespace ?? "", right.namespace ?? ""];
  if (one !== other) return one < other ? -1 : 1;
  return left.name < right.name ? -1 : 1;
}

function parseVersion(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw invalid({ group: "meta.k8s.io", kind: "ListOptions", name: "" }, [
    invalidValue("resourceVersion", text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`),
  ]);
}

function tooLarge(version: number, current: number): ApiFailure {
  return new ApiFailure(504, "Timeout", `Timeout: Too large resource version: ${version}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

function listAnswer(type: ResourceType, page: Page): ApiAnswer {
  const { version, continueToken, remaining } = page;
  const head = {
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata: {
      resourceVersion: String(version),
      ...(continueToken ? { continue: continueToken, remainingItemCount: remaining } : {}),
    },
  };
  const items = page.items.map((object) => viewed(type, object));
  return {
    status: 200,
    value: () => ({ ...head, items: type.custom ? items : items.map(untyped) }),
    text: () =>
      `${JSON.stringify(head).slice(0, -1)},"items":[${items.map((item) => itemText(type, item)).join(",")}]}`,
  };
}

/** Items of built-in lists carry neither apiVersion nor kind. */
function untyped({ apiVersion: _version, kind: _kind, ...rest }: KubeObject): unknown {
  return rest;
}

/** Stored objects are written with apiVersion and kind first, so they can be cut off. */
function itemText(type: ResourceType, item: KubeObject): string {
  const text = jsonOf(item);
  return type.custom ? text : `{${text.slice(text.indexOf('"metadata":'))}`;
}

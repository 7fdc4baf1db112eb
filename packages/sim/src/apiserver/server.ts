import { type Clock, describeError, type Rng, systemRng } from "@walras/kit";

import { AccessRules } from "./accessRules.ts";
import type { AdmissionHook } from "./admission/review.ts";
import { Catalogue } from "./catalogue.ts";
import type { ServerContext } from "./context.ts";
import { runControllers } from "./controllers.ts";
import { Remover } from "./deletes.ts";
import { answerDiscovery } from "./discovery.ts";
import { type ApiAnswer, type ApiRequest, jsonAnswer, type WatchAnswer } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { ObjectHandlers } from "./handlers.ts";
import { type Listening, listen } from "./http.ts";
import { Reader } from "./reads.ts";
import { parseRoute, type ResourceRoute } from "./route.ts";
import { ApiFailure, methodNotAllowed, noSuchPath } from "./status.ts";
import { Store } from "./store.ts";
import { SubresourceHandlers } from "./subresources/handlers.ts";
import { TokenRegistry } from "./tokens.ts";
import { WatchHub } from "./watchHub.ts";
import { Writer } from "./writes.ts";

/** How a server is made. */
export interface ApiServerOptions {
  readonly clock: Clock;
  /** For UIDs and generated names. */
  readonly rng?: Rng;
  /** How many past changes a watch may start from. */
  readonly historyWindow?: number;
}

/**
 * The Kubernetes API in memory. Unmodified clients work against it over HTTP
 * (`listen`), and callers in the same process without sockets
 * (`inProcessTransport`).
 */
export class ApiServer {
  /** The stored objects: simulated kubelets read and write here without the cost of requests. */
  readonly store: Store;
  /** What can be made to go wrong. */
  readonly faults: Faults;
  /** Tokens that TokenReview knows. */
  readonly tokens: TokenRegistry;
  /** Who may read paths that are no resources, as SubjectAccessReview tells. */
  readonly access = new AccessRules();
  /** Asked before each write; push to take part in admission. */
  readonly admission: AdmissionHook[] = [];
  readonly #context: ServerContext;
  readonly #hub: WatchHub;
  readonly #objects: ObjectHandlers;
  readonly #subresources: SubresourceHandlers;

  constructor({ clock, rng = systemRng, historyWindow }: ApiServerOptions) {
    const store = new Store(historyWindow);
    const context = { clock, rng, store, catalogue: new Catalogue(), hooks: this.admission };
    const hub = new WatchHub(store);
    const reader = new Reader(context, hub);
    const parts = { context, reader, writer: new Writer(context), remover: new Remover(context) };
    this.store = store;
    this.#context = context;
    this.#hub = hub;
    this.tokens = new TokenRegistry(context);
    this.faults = new Faults({ clock, store, hub, reader });
    this.#objects = new ObjectHandlers(parts);
    this.#subresources = new SubresourceHandlers({
      ...parts,
      tokens: this.tokens,
      access: this.access,
      objects: this.#objects,
    });
    runControllers(context);
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#hub.open;
  }

  /** Answers one call; refusals are answers too. */
  async handle(request: ApiRequest): Promise<ApiAnswer | WatchAnswer> {
    try {
      await this.faults.gate(request);
      return this.#route(request);
    } catch (thrown) {
      return failureAnswer(thrown);
    }
  }

  /** Serves HTTP on 127.0.0.1; port 0 takes a free one. */
  listen(port: number): Promise<Listening> {
    return listen(this, port);
  }

  /** Ends every watch. */
  close(): void {
    this.#hub.dropAll();
  }

  #route(request: ApiRequest): ApiAnswer | WatchAnswer {
    const route = parseRoute(request.path);
    const type = route && this.#context.catalogue.find(route.apiVersion, route.plural);
    if (!route || !type) {
      const answer = request.method === "GET" ? answerDiscovery(request.path, this.#context.catalogue) : undefined;
      if (answer) return answer;
      throw noSuchPath();
    }
    if (type.ephemeral) return this.#subresources.review(type, request);
    checkScope(type, route, request);
    if (route.name === undefined) return this.#objects.collection(type, route.namespace, request);
    const at = { type, namespace: route.namespace ?? "", name: route.name };
    if (route.subresource) return this.#subresources.handle(at, route.subresource, request);
    return this.#objects.object(at, request);
  }
}

function checkScope(type: { namespaced: boolean }, route: ResourceRoute, { method }: ApiRequest): void {
  if (!type.namespaced && route.namespace !== undefined) throw noSuchPath();
  if (!type.namespaced || route.namespace !== undefined) return;
  if (route.name !== undefined) throw noSuchPath();
  if (method !== "GET" && method !== "DELETE") throw methodNotAllowed();
}

/** What was thrown as a Status; an unexpected error is a 500 that tells its cause. */
function failureAnswer(thrown: unknown): ApiAnswer {
  const failure =
    thrown instanceof ApiFailure
      ? thrown
      : new ApiFailure(500, "InternalError", `Internal error occurred: ${describeError(thrown)}`);
  const { retryAfterSeconds } = failure.details;
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return jsonAnswer(failure.code, failure.toStatus(), headers);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import type { HealthStatus } from "../../decide/snapshot.ts";
import { FakeApplication, instant, managedResources, syncField } from "./fakeApplication.ts";

/** What goes wrong, while it is set. */
export interface FakeFaults {
  /** Answers 500 to everything. */
  down: boolean;
  /** Streams end at once. */
  noStreams: boolean;
  /** Streams tell nothing of changes. */
  mute: boolean;
  /** Streams open, and a proxy keeps all of it. */
  heldBack: boolean;
  /** Does what a sync asks for, and hangs up. */
  loseSyncAnswers: boolean;
  /** The token is no good any more. */
  revoked: boolean;
  /** The account may get only some Applications. */
  restricted: boolean;
  /** A sync window lets nobody sync. */
  syncWindow: boolean;
}

/** How long it takes an operation to end that is told to. */
const terminationMs = 20;

/**
 * Argo CD's API as far as releases use it, with the behaviour of the real one
 * in what they depend on; the contract tells which that is. In real time.
 */
export class FakeArgo {
  readonly token = "fake-token";
  readonly faults: FakeFaults = {
    down: false,
    noStreams: false,
    mute: false,
    heldBack: false,
    loseSyncAnswers: false,
    revoked: false,
    restricted: false,
    syncWindow: false,
  };
  readonly #applications = new Map<string, FakeApplication>();
  readonly #streams = new Set<ServerResponse>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** How each operation that runs will end. */
  readonly #running = new Map<FakeApplication, { readonly timer: NodeJS.Timeout; readonly revisions: string[] }>();
  readonly #server: Server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  add(name: string, given: { namespace?: string; project?: string; revisions?: string[] } = {}): FakeApplication {
    const { namespace = "argocd", project = "default", revisions = ["r1"] } = given;
    const application = new FakeApplication({ namespace, name, project, revisions, nowMs: Date.now() });
    this.#applications.set(`${namespace}/${name}`, application);
    this.#tell("ADDED", application);
    return application;
  }

  find(name: string, namespace = "argocd"): FakeApplication | undefined {
    return this.#applications.get(`${namespace}/${name}`);
  }

  /** A commit that Argo CD has compared with. */
  push(application: FakeApplication, ...revisions: string[]): void {
    application.revisions = revisions;
    application.sync = "OutOfSync";
    application.data["version"] = revisions.join("+");
    this.#changed(application);
  }

  /** Its health, as a controller finds it. */
  turn(application: FakeApplication, health: FakeApplication["health"]): void {
    application.health = health;
    this.#changed(application);
  }

  remove(application: FakeApplication): void {
    this.#applications.delete(`${application.namespace}/${application.name}`);
    this.#tell("DELETED", application);
  }

  /** Ends all streams, as a proxy does. */
  dropStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    if (this.faults.down) return fail(response, 503, "unavailable");
    if (this.faults.revoked || request.headers.authorization !== `Bearer ${this.token}`)
      return fail(response, 401, "no session information");
    if (request.method !== "GET" && request.headers["content-type"] !== "application/json") {
      response.writeHead(415).end("Invalid content type");
      return;
    }
    if (url.pathname === "/api/v1/account/can-i/applications/get/*/*")
      return send(response, { value: this.faults.restricted ? "no" : "yes" });
    const [, resource, name, verb] =
      /^\/api\/v1\/(applications|stream\/applications)(?:\/([^/]+))?(?:\/(.+))?$/.exec(url.pathname) ?? [];
    if (resource === "stream/applications") return this.#stream(response);
    if (resource !== "applications") return fail(response, 404, "Not Found");
    if (name === undefined) return send(response, { metadata: {}, items: [...this.#applications.values()] });
    const body = request.method === "POST" ? (JSON.parse(await text(request)) as SyncBody) : undefined;
    const project = body?.project ?? url.searchParams.get("project") ?? "";
    const key = `${body?.appNamespace ?? url.searchParams.get("appNamespace") ?? "argocd"}/${name}`;
    const application = this.#applications.get(key);
    // Whoever does not say the project must not learn whether there is such an Application.
    if (!application && project === "") return fail(response, 403, "permission denied");
    if (!application || (project !== "" && project !== application.project)) {
      return fail(response, 404, `applications.argoproj.io "${name}" not found`);
    }
    return this.#verb(application, { verb, body, refresh: url.searchParams.has("refresh") }, response);
  }

  #verb(
    application: FakeApplication,
    ask: { verb: string | undefined; body: SyncBody | undefined; refresh: boolean },
    response: ServerResponse,
  ): void {
    if (ask.verb === "sync" && ask.body) return this.#sync(application, ask.body, response);
    if (ask.verb === "operation") return this.#terminate(application, response);
    if (ask.verb === "managed-resources") return send(response, { items: managedResources(application) });
    if (ask.refresh) {
      // Argo CD's times are whole seconds: a comparison in the same second as the last one looks like it.
      application.reconciledAtMs = Math.max(Date.now(), application.reconciledAtMs + 1_000);
      this.#changed(application);
    }
    return send(response, application);
  }

  #stream(response: ServerResponse): void {
    if (this.faults.noStreams) return fail(response, 500, "streams are not supported");
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    if (this.faults.heldBack) return;
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    for (const application of this.#applications.values()) response.write(line("ADDED", application));
  }

  #sync(application: FakeApplication, body: SyncBody, response: ServerResponse): void {
    if (this.faults.syncWindow) return fail(response, 403, "cannot sync: blocked by sync window");
    if (application.operation || application.operationState?.["phase"] === "Running") {
      return fail(response, 400, "another operation is already in progress");
    }
    const { revision, revisions = revision ? [revision] : [...application.revisions], infos = [] } = body;
    const sync = { ...syncField(application, revisions), prune: body.prune === true };
    const operation = { info: infos, initiatedBy: { username: "carla" }, sync };
    application.operation = operation;
    application.operationState = undefined;
    this.#changed(application);
    this.#later(10, () => this.#run(application, operation, revisions));
    if (this.faults.loseSyncAnswers) response.destroy();
    else send(response, application);
  }

  #run(application: FakeApplication, operation: object, revisions: string[]): void {
    application.operation = undefined;
    application.operationState = { phase: "Running", startedAt: instant(Date.now()), operation };
    this.#changed(application);
    const timer = this.#later(application.behaviour.operationMs, () => this.#finish(application, revisions));
    this.#running.set(application, { timer, revisions });
  }

  #finish(application: FakeApplication, revisions: string[]): void {
    const { phase, health } = application.behaviour;
    const end = { finishedAt: instant(Date.now()), syncResult: syncField(application, revisions) };
    if (application.operationState?.["phase"] === "Terminating") {
      application.operationState = {
        ...application.operationState,
        ...end,
        phase: "Failed",
        message: "Operation terminated",
      };
    } else {
      const message = phase === "Succeeded" ? "successfully synced (all tasks run)" : "one or more tasks are not valid";
      application.operationState = { ...application.operationState, ...end, phase, message };
      if (phase === "Succeeded") this.#deploy(application, revisions, health, isPruning(application));
    }
    this.#changed(application);
  }

  #deploy(application: FakeApplication, revisions: string[], health: HealthStatus, prunes: boolean): void {
    if (prunes) application.gone.length = 0;
    application.health = health;
    application.history.push({ id: application.history.length, revisions });
    const { deployed, contested, gone } = application;
    application.sync = deployed && !contested && gone.length === 0 ? "Synced" : "OutOfSync";
  }

  #terminate(application: FakeApplication, response: ServerResponse): void {
    if (application.operationState?.["phase"] !== "Running") {
      return fail(response, 400, "Unable to terminate operation. No operation is in progress");
    }
    application.operationState = { ...application.operationState, phase: "Terminating" };
    this.#changed(application);
    const { timer, revisions = [] } = this.#running.get(application) ?? {};
    clearTimeout(timer);
    this.#later(terminationMs, () => this.#finish(application, revisions));
    return send(response, {});
  }

  #later(delayMs: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  #changed(application: FakeApplication): void {
    application.version += 1;
    this.#tell("MODIFIED", application);
  }

  #tell(type: string, application: FakeApplication): void {
    if (this.faults.mute) return;
    for (const stream of this.#streams) stream.write(line(type, application));
  }
}

interface SyncBody {
  readonly appNamespace?: string;
  readonly project?: string;
  readonly revision?: string;
  readonly revisions?: string[];
  readonly infos?: readonly object[];
  readonly prune?: boolean;
}

function isPruning({ operationState }: FakeApplication): boolean {
  const { operation } = (operationState ?? {}) as {
    readonly operation?: { readonly sync?: { readonly prune?: boolean } };
  };
  return operation?.sync?.prune === true;
}

function line(type: string, application: FakeApplication): string {
  return `${JSON.stringify({ result: { type, application } })}\n`;
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: message, message }));
}

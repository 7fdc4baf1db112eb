import { linesOf } from "@walras/kube";
import { Agent, type Dispatcher, request } from "undici";

import { decodeApplication, decodeList, decodeManagedResources, releaseInfo } from "./decode.ts";
import { failureOf, unreachable } from "./failure.ts";
import {
  type ApplicationDigest,
  type ApplicationEvent,
  type ApplicationRef,
  type ApplicationState,
  type ArgoActor,
  type ArgoChanges,
  ArgoError,
  type ArgoReader,
  type ManagedResource,
  type SyncRequest,
} from "./port.ts";
import { decodeStreamLine, streamFields } from "./stream.ts";

export interface ArgoClientOptions {
  /** With Argo CD's root path, where it has one. */
  readonly baseUrl: string;
  /** The bearer token of this moment. @throws where it cannot be had */
  readonly token: () => string;
  /** The token was refused: whoever keeps it should look again. */
  readonly onUnauthorized: () => void;
  readonly verifyTls: boolean;
  /** Authority of Argo CD's certificate (PEM); the system's where not given. */
  readonly caPem: string | undefined;
  /** Of Applications that do not tell theirs. */
  readonly appNamespace: string;
  /** One Application of a stream could not be read. */
  readonly onUnreadable: (error: unknown) => void;
}

interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

const requestMs = 15_000;
/** Argo CD answers when it has rendered and compared, however long that takes. */
const refreshMs = 60_000;

const listFields = [
  "metadata.resourceVersion",
  "items.metadata.name",
  "items.metadata.namespace",
  "items.status.sync.status",
  "items.status.health",
  "items.status.operationState.phase",
].join(",");

/** Argo CD's REST API, as far as releases need it (v2.10 to v3.5). */
export class ArgoClient implements ArgoReader, ArgoActor, ArgoChanges {
  readonly #options: ArgoClientOptions;
  readonly #agent: Agent;

  constructor(options: ArgoClientOptions) {
    this.#options = options;
    this.#agent = new Agent({
      connect: { rejectUnauthorized: options.verifyTls, ...(options.caPem === undefined ? {} : { ca: options.caPem }) },
    });
  }

  async list(signal: AbortSignal): Promise<readonly ApplicationDigest[]> {
    const answer = await this.#call({ method: "GET", path: "applications", query: { fields: listFields } }, signal);
    const { appNamespace, onUnreadable } = this.#options;
    return understood(() => decodeList(answer, appNamespace, onUnreadable));
  }

  async *stream(signal: AbortSignal): AsyncGenerator<ApplicationEvent, void> {
    const { onUnreadable, appNamespace } = this.#options;
    const call: Call = { method: "GET", path: "stream/applications", query: { fields: streamFields } };
    const { body } = await this.#send(call, signal, { headersTimeout: requestMs, bodyTimeout: 0 });
    try {
      for await (const line of linesOf(body)) {
        if (line.trim() === "") continue;
        const event = decodeStreamLine(line, appNamespace, onUnreadable);
        if (event) yield event;
      }
    } catch (error) {
      throw error instanceof ArgoError ? error : unreachable(error);
    }
  }

  async get(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<ApplicationState> {
    return this.#application(
      await this.#call({ method: "GET", path: pathOf(ref), query: queryOf(ref, project) }, signal),
    );
  }

  /** Every account may ask this of itself. */
  async seesAll(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#call({ method: "GET", path: "account/can-i/applications/get/*/*" }, signal);
    return (answer as { readonly value?: unknown } | null)?.value === "yes";
  }

  /** Needs no more than the right to get. */
  async refresh(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<ApplicationState> {
    const query = { ...queryOf(ref, project), refresh: "normal" };
    return this.#application(
      await this.#call({ method: "GET", path: pathOf(ref), query, timeoutMs: refreshMs }, signal),
    );
  }

  async sync(
    { namespace, name, project, releaseId, revisions, prune }: SyncRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      name,
      appNamespace: namespace,
      project,
      ...revisionFields(revisions),
      prune,
      dryRun: false,
      strategy: { hook: { force: false } },
      infos: [{ name: releaseInfo, value: releaseId }],
    };
    await this.#call({ method: "POST", path: `${pathOf({ namespace, name })}/sync`, body }, signal);
  }

  async terminate(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<void> {
    await this.#call({ method: "DELETE", path: `${pathOf(ref)}/operation`, query: queryOf(ref, project) }, signal);
  }

  async managedResources(
    ref: ApplicationRef,
    project: string,
    signal: AbortSignal,
  ): Promise<readonly ManagedResource[]> {
    const path = `${pathOf(ref)}/managed-resources`;
    const answer = await this.#call(
      { method: "GET", path, query: queryOf(ref, project), timeoutMs: refreshMs },
      signal,
    );
    return understood(() => decodeManagedResources(answer));
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #application(answer: unknown): ApplicationState {
    return understood(() => decodeApplication(answer, this.#options.appNamespace));
  }

  async #call(call: Call, signal: AbortSignal): Promise<unknown> {
    const timeoutMs = call.timeoutMs ?? requestMs;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    const { body } = await this.#send(call, limit, timeouts);
    const text = await body.text().catch((error: unknown) => Promise.reject(unreachable(error)));
    return understood(() => JSON.parse(text) as unknown);
  }

  /** Without a token nothing is sent, so nothing can have been done. */
  #token(): string {
    try {
      return this.#options.token();
    } catch (cause) {
      throw new ArgoError("unauthorized", "there is no token for Argo CD", { status: 0, cause });
    }
  }

  async #send(
    { method, path, query = {}, body }: Call,
    signal: AbortSignal,
    timeouts: { readonly headersTimeout: number; readonly bodyTimeout: number },
  ): Promise<Dispatcher.ResponseData> {
    const { baseUrl, onUnauthorized } = this.#options;
    const url = `${baseUrl.replace(/\/$/, "")}/api/v1/${path}?${new URLSearchParams(query).toString()}`;
    const answer = await request(url, {
      method,
      dispatcher: this.#agent,
      signal,
      ...timeouts,
      // Argo CD refuses everything but GET without this, also where there is no body.
      headers: {
        authorization: `Bearer ${this.#token()}`,
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => Promise.reject(unreachable(error)));
    if (answer.statusCode < 300) return answer;
    const text = await answer.body.text().catch(() => "");
    if (answer.statusCode === 401) onUnauthorized();
    throw failureOf(answer.statusCode, text);
  }
}

function pathOf({ name }: ApplicationRef): string {
  return `applications/${encodeURIComponent(name)}`;
}

/** Without the project a missing Application looks like a forbidden one. */
function queryOf({ namespace }: ApplicationRef, project: string): Readonly<Record<string, string>> {
  return { appNamespace: namespace, ...(project === "" ? {} : { project }) };
}

/** Positions count from 1. */
function revisionFields(revisions: readonly string[]): object {
  if (revisions.length <= 1) return revisions[0] === undefined ? {} : { revision: revisions[0] };
  return { revisions, sourcePositions: revisions.map((_, index) => index + 1) };
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ArgoError("malformed", "Argo CD's answer cannot be read", { status: 200, cause });
  }
}

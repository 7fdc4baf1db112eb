import { createInterface } from "node:readline";

import { Agent, type Dispatcher, request } from "undici";

import type { KubeEndpoint } from "./config.ts";
import { KubeError, type KubeLines, type KubeRequest, type KubeTransport } from "./port.ts";

/** What is told of each call. */
export interface TransportObserver {
  /** @param status HTTP status, 0 where there was no answer */
  called(verb: string, status: number, tookMs: number): void;
}

export interface TransportOptions {
  readonly endpoint: KubeEndpoint;
  readonly userAgent: string;
  readonly monotonicMs: () => number;
  readonly observer?: TransportObserver;
}

const callTimeoutMs = 30_000;
const callConnections = 8;
const keepAliveMs = 30_000;

/**
 * Calls an API server over HTTP/1.1 with verified TLS: one small pool for calls
 * and one for watches, which may stay quiet for as long as they like.
 */
export class HttpTransport implements KubeTransport {
  readonly #options: TransportOptions;
  readonly #calls: Agent;
  readonly #watches: Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { caPem, certPem, keyPem, serverName } = options.endpoint;
    const connect = {
      ...(caPem === undefined ? {} : { ca: caPem }),
      ...(certPem === undefined ? {} : { cert: certPem }),
      ...(keyPem === undefined ? {} : { key: keyPem }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    };
    const common = { connect, keepAliveTimeout: keepAliveMs, headersTimeout: callTimeoutMs };
    this.#calls = new Agent({ ...common, connections: callConnections, bodyTimeout: callTimeoutMs });
    this.#watches = new Agent({ ...common, bodyTimeout: 0 });
  }

  async send(call: KubeRequest): Promise<unknown> {
    const answer = await this.#ask(call, this.#calls);
    const text = await answer.body.text();
    const body = parsed(text);
    if (answer.statusCode >= 300) throw asError(call, answer, body);
    return body;
  }

  async stream(call: KubeRequest): Promise<KubeLines> {
    const answer = await this.#ask(call, this.#watches);
    if (answer.statusCode >= 300) throw asError(call, answer, parsed(await answer.body.text()));
    return createInterface({ input: answer.body, crlfDelay: Infinity });
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#watches.destroy()]);
  }

  async #ask(call: KubeRequest, dispatcher: Dispatcher): Promise<Dispatcher.ResponseData> {
    const { endpoint, monotonicMs, observer } = this.#options;
    const startedMs = monotonicMs();
    let status = 0;
    try {
      const answer = await request(endpoint.server + call.path + queryOf(call), {
        method: call.method,
        headers: this.#headers(call),
        dispatcher,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      status = answer.statusCode;
      return answer;
    } catch (cause) {
      throw new KubeError(`${call.method} ${call.path}: no answer`, { status: 0, reason: "NoAnswer", cause });
    } finally {
      observer?.called(call.method, status, monotonicMs() - startedMs);
    }
  }

  #headers(call: KubeRequest): Record<string, string> {
    const { endpoint, userAgent } = this.#options;
    const token = endpoint.token();
    return {
      accept: "application/json",
      "user-agent": userAgent,
      ...(call.body === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

function queryOf({ query }: KubeRequest): string {
  return query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: KubeError["causes"]; readonly retryAfterSeconds?: number };
}

function asError(call: KubeRequest, answer: Dispatcher.ResponseData, body: unknown): KubeError {
  const status = (typeof body === "object" && body !== null ? body : { message: String(body) }) as StatusObject;
  const retryAfter = Number(answer.headers["retry-after"] ?? status.details?.retryAfterSeconds);
  return new KubeError(`${call.method} ${call.path}: ${status.message ?? answer.statusCode}`, {
    status: answer.statusCode,
    reason: status.reason ?? "",
    causes: status.details?.causes ?? [],
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  });
}

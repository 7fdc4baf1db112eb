import { Agent, type Dispatcher, request } from "undici";

import type { KubeEndpoint } from "./endpoint.ts";
import { linesOf } from "./lines.ts";
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

/** From the question to the last byte of the answer; a watch's answer has no last byte. */
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
    const common = { connect, allowH2: false, keepAliveTimeout: keepAliveMs, headersTimeout: callTimeoutMs };
    this.#calls = new Agent({ ...common, connections: callConnections, bodyTimeout: callTimeoutMs });
    this.#watches = new Agent({ ...common, bodyTimeout: 0 });
  }

  async send(call: KubeRequest): Promise<unknown> {
    const signal = AbortSignal.any([AbortSignal.timeout(callTimeoutMs), ...(call.signal ? [call.signal] : [])]);
    const answer = await this.#ask({ ...call, signal }, this.#calls);
    const body = await bodyOf(call, answer);
    if (answer.statusCode >= 300) throw asError(call, answer, body);
    return body;
  }

  async stream(call: KubeRequest): Promise<KubeLines> {
    const answer = await this.#ask(call, this.#watches);
    if (answer.statusCode >= 300) throw asError(call, answer, await bodyOf(call, answer));
    return untilBroken(call, linesOf(answer.body as AsyncIterable<Uint8Array>));
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#watches.destroy()]);
  }

  async #ask(call: KubeRequest, dispatcher: Dispatcher): Promise<Dispatcher.ResponseData> {
    const { endpoint, monotonicMs, observer } = this.#options;
    const headers = await this.#headers(call);
    const startedMs = monotonicMs();
    let status = 0;
    try {
      const answer = await request(endpoint.server + call.path + queryOf(call), {
        method: call.method,
        headers,
        dispatcher,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      status = answer.statusCode;
      return answer;
    } catch (cause) {
      throw noAnswer(call, cause);
    } finally {
      observer?.called(call.method, status, monotonicMs() - startedMs);
    }
  }

  async #headers(call: KubeRequest): Promise<Record<string, string>> {
    const { endpoint, userAgent } = this.#options;
    const token = await tokenOf(endpoint, call);
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

async function tokenOf(endpoint: KubeEndpoint, call: KubeRequest): Promise<string | undefined> {
  try {
    return await endpoint.token();
  } catch (cause) {
    throw new KubeError(`${call.method} ${call.path}: no credentials`, { status: 0, reason: "NoCredentials", cause });
  }
}

async function bodyOf(call: KubeRequest, { body }: Dispatcher.ResponseData): Promise<unknown> {
  let text: string;
  try {
    text = await body.text();
  } catch (cause) {
    throw noAnswer(call, cause);
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A connection that breaks in the middle is told as one that never answered. */
async function* untilBroken(call: KubeRequest, lines: KubeLines): AsyncGenerator<string, void> {
  try {
    yield* lines;
  } catch (cause) {
    throw noAnswer(call, cause);
  }
}

function noAnswer({ method, path }: KubeRequest, cause: unknown): KubeError {
  return new KubeError(`${method} ${path}: no answer`, { status: 0, reason: "NoAnswer", cause });
}

interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: KubeError["causes"]; readonly retryAfterSeconds?: number };
}

function asError(call: KubeRequest, answer: Dispatcher.ResponseData, body: unknown): KubeError {
  const status: StatusObject = typeof body === "string" ? { message: body } : (body ?? {});
  const { message, reason = "", details = {} } = status;
  return new KubeError(`${call.method} ${call.path}: ${message ?? answer.statusCode}`, {
    status: answer.statusCode,
    reason,
    causes: details.causes ?? [],
    retryAfterMs: millisOf(answer.headers["retry-after"] ?? details.retryAfterSeconds),
  });
}

/** The header may hold a date too, which Kubernetes never sends. */
function millisOf(seconds: string | string[] | number | undefined): number | undefined {
  const value = seconds === undefined ? Number.NaN : Number(seconds);
  return Number.isFinite(value) ? value * 1000 : undefined;
}

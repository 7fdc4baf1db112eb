import { Agent, type Dispatcher, request } from "undici";

import { asError, bodyOf, dropBody, noAnswer, watchLinesOf } from "./answer.ts";
import type { KubeEndpoint } from "./endpoint.ts";
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
  /** For calls, watches not counted; 8 unless told. One is enough for who asks one thing after another. */
  readonly connections?: number;
}

/** From the question to the last byte of the answer; a watch's answer has no last byte. */
const callTimeoutMs = 30_000;
const defaultConnections = 8;
const keepAliveMs = 30_000;

/**
 * Calls an API server over HTTP/1.1 with verified TLS: one small pool for calls
 * and one for watches, which may stay quiet for as long as they like. No
 * connection is opened before it is needed, so one transport more costs nothing.
 * Memory is bounded: larger answers and longer lines fail, naming the limit.
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
    this.#calls = new Agent({
      ...common,
      connections: options.connections ?? defaultConnections,
      bodyTimeout: callTimeoutMs,
    });
    this.#watches = new Agent({ ...common, bodyTimeout: 0 });
  }

  async send(call: KubeRequest): Promise<unknown> {
    const timeout = AbortSignal.timeout(callTimeoutMs);
    const signal = call.signal ? AbortSignal.any([timeout, call.signal]) : timeout;
    const answer = await this.#ask({ ...call, signal }, this.#calls);
    if (call.unread && answer.statusCode < 300) return dropBody(call, answer);
    const body = await bodyOf(call, answer);
    if (answer.statusCode >= 300) throw asError(call, answer, body);
    return body;
  }

  async stream(call: KubeRequest): Promise<KubeLines> {
    const answer = await this.#ask(call, this.#watches);
    if (answer.statusCode >= 300) throw asError(call, answer, await bodyOf(call, answer));
    return watchLinesOf(call, answer);
  }

  /** Breaks off what is under way, watches too. */
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

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { describeError, type Logger, type Runnable } from "@walras/kit";

export interface Reply {
  readonly status: number;
  readonly type: "application/json" | "text/html; charset=utf-8" | "text/plain; version=0.0.4";
  readonly body: string;
}

/** What is answered on a path. @param accept what the asker likes, as its header says */
export type Routes = Readonly<Record<string, (accept: string) => Reply>>;

/** Who is slow, or many, is cut off. */
const limits = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 };
const mostConnections = 64;

/** A port that answers GET of a few paths. */
export class WebServer implements Runnable {
  readonly name = "web server";
  readonly #server: Server;
  readonly #port: number;
  readonly #host: string;

  constructor(host: string, port: number, routes: Routes, logger: Logger) {
    this.#host = host;
    this.#port = port;
    this.#server = createServer(limits, (request, response) => answer(request, response, routes, logger));
    this.#server.maxConnections = mostConnections;
  }

  /** The one that it has, where 0 was asked for. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, this.#host, resolve);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answer(request: IncomingMessage, response: ServerResponse, routes: Routes, logger: Logger): void {
  request.resume();
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  const isRead = request.method === "GET" || request.method === "HEAD";
  const { status, type, body } = !isRead
    ? plain(405, "only GET")
    : replyOf(route, request.headers.accept ?? "", logger);
  response.writeHead(status, {
    "content-type": type,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function replyOf(route: Routes[string] | undefined, accept: string, logger: Logger): Reply {
  if (route === undefined) return plain(404, "no such path");
  try {
    return route(accept);
  } catch (error) {
    logger.error({ error: describeError(error) }, "a page failed");
    return plain(500, "failed");
  }
}

/** A sentence. */
export function plain(status: number, text: string): Reply {
  return { status, type: "text/plain; version=0.0.4", body: `${text}\n` };
}

export function json(status: number, value: unknown): Reply {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

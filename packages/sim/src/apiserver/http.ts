import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { parse as parseYaml } from "yaml";

import type { ApiAnswer, ApiRequest, WatchAnswer } from "./exchange.ts";
import { ApiFailure, badRequest, unsupportedMediaType } from "./status.ts";

/** A server that answers HTTP. */
export interface Listening {
  /** http://127.0.0.1:port */
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

interface Handler {
  handle(request: ApiRequest): Promise<ApiAnswer | WatchAnswer>;
  close(): void;
}

/** A watch whose client reads so slowly that this many bytes wait is ended. */
const slowestBytes = 64 * 1024 * 1024;

/** Serves `handler` by HTTP/1.1 with keep-alive on 127.0.0.1. */
export async function listen(handler: Handler, port: number): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((cause: unknown) =>
      outgoing.destroy(new Error("answer failed", { cause })),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}`, close: () => shut(handler, server) };
}

function shut(handler: Handler, server: Server): Promise<void> {
  handler.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const text = await readBody(incoming);
  let request: ApiRequest;
  try {
    request = requestOf(incoming, text);
  } catch (thrown) {
    if (!(thrown instanceof ApiFailure)) throw thrown;
    writeJson(outgoing, thrown.code, JSON.stringify(thrown.toStatus()));
    return;
  }
  const result = await handler.handle(request);
  if ("open" in result) stream(result, outgoing);
  else writeAnswer(outgoing, result);
}

/** By its events: to iterate over a stream costs more than to answer most requests. */
function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => resolve(Buffer.concat(chunks).toString()));
    incoming.once("error", reject);
  });
}

function requestOf(incoming: IncomingMessage, text: string): ApiRequest {
  const url = new URL(incoming.url ?? "/", "http://server");
  const contentType = incoming.headers["content-type"];
  const body = text === "" ? undefined : parseBody(text, contentType ?? "");
  const { "user-agent": userAgent, accept } = incoming.headers;
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    ...(body === undefined ? {} : { body }),
    ...(contentType ? { contentType } : {}),
    ...(userAgent ? { userAgent } : {}),
    ...(accept ? { accept } : {}),
  };
}

function parseBody(text: string, contentType: string): unknown {
  if (contentType.includes("protobuf") || contentType.includes("cbor"))
    throw unsupportedMediaType(["application/json"]);
  try {
    return contentType.includes("yaml") && !text.startsWith("{")
      ? (parseYaml(text) as unknown)
      : (JSON.parse(text) as unknown);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw badRequest(`the object provided is unrecognized: couldn't get version/kind; json parse error: ${why}`);
  }
}

function writeAnswer(
  outgoing: ServerResponse,
  { status, text, contentType = "application/json", headers = {} }: ApiAnswer,
): void {
  outgoing.writeHead(status, { "content-type": contentType, ...headers });
  outgoing.end(text());
}

function writeJson(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(text);
}

function stream(answered: WatchAnswer, outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
  outgoing.flushHeaders();
  const close = answered.open({
    line: (text) => {
      outgoing.write(`${text}\n`);
      if (outgoing.writableLength > slowestBytes) outgoing.destroy();
    },
    end: () => outgoing.end(),
  });
  outgoing.once("close", close);
}

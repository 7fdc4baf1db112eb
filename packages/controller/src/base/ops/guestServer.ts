import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";

import type { Guests } from "./guests.ts";

/** What a peer of an HTTP server may send at most, as the limits of a port tell it. */
export interface ServerLimits {
  readonly headerBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly requestsPerConnection: number;
}

export function serverOptionsOf(limits: ServerLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: 1_000,
  };
}

/** Requests that nobody waits for are turned away before anything is made of them: some thousands come in one packet. */
export function hearing(guests: Guests, handle: RequestListener): RequestListener {
  return (request, response) => {
    if (guests.asks(request.socket, response)) handle(request, response);
  };
}

/** A server whose guests are counted. */
export function guestServer(guests: Guests, limits: ServerLimits, handle: RequestListener): Server {
  const server = createServer(serverOptionsOf(limits), hearing(guests, handle));
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  return server.on("connection", (socket) => guests.arrive(socket));
}

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createPlain, type Server as PlainServer } from "node:http";
import { createServer as createSecure, type Server as SecureServer } from "node:https";

import { type Clock, describeError, type Logger, Repeating, type Runnable } from "@walras/kit";
import type { FastifyServerFactory } from "fastify";

import { type Pems, pemsOf, readPems, samePems, type TlsFiles } from "../config/tlsFiles.ts";
import type { Guests } from "../ops/guests.ts";
import { dashboardLimits as limits } from "./limits.ts";

const lookMs = 10_000;

const serverOptions = {
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  keepAliveTimeout: limits.keepAliveMs,
  connectionsCheckingInterval: 1_000,
};

/** A server whose guests are counted, over TLS where files are given; with what looks whether those have changed. */
export interface GuardedServer {
  readonly factory: FastifyServerFactory;
  readonly watch: Runnable | null;
}

interface Around {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @throws FieldError naming the file that cannot be used */
export function guardedServer(guests: Guests, tls: TlsFiles | null, around: Around): GuardedServer {
  const hear =
    (handle: RequestListener): RequestListener =>
    (request: IncomingMessage, response: ServerResponse) => {
      if (guests.asks(request.socket, response)) handle(request, response);
    };
  if (tls === null) return { watch: null, factory: (handle) => plain(guests, hear(handle)) };
  const pems = readPems(tls);
  const watched: { server?: SecureServer } = {};
  const factory: FastifyServerFactory = (handle) => (watched.server = secure(guests, pems, hear(handle)));
  return { factory, watch: certificateWatch(tls, pems, (now) => watched.server?.setSecureContext(now), around) };
}

function plain(guests: Guests, hear: RequestListener): PlainServer {
  const server = createPlain(serverOptions, hear);
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  return server.on("connection", (socket) => guests.arrive(socket));
}

function secure(guests: Guests, pems: Pems, hear: RequestListener): SecureServer {
  const handshake = { minVersion: "TLSv1.2", handshakeTimeout: limits.headersMs } as const;
  const server = createSecure({ ...serverOptions, ...handshake, ...pems }, hear);
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  // Of those that have not shaken hands yet nothing else is known.
  server.maxConnections = 2 * limits.connections;
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server.on("secureConnection", (socket) => guests.arrive(socket));
}

/** Bad files leave the last good ones. */
function certificateWatch(
  files: TlsFiles,
  first: Pems,
  take: (pems: Pems) => void,
  { clock, logger }: Around,
): Runnable {
  let last = first;
  const run = async (): Promise<void> => {
    try {
      const pems = await pemsOf(files);
      if (samePems(pems, last)) return;
      take(pems);
      last = pems;
      logger.info({ certFile: files.certFile }, "dashboard certificate is reloaded");
    } catch (error) {
      logger.warn({ ...files, error: describeError(error) }, "dashboard certificate is not reloaded");
    }
  };
  return new Repeating({ name: "dashboard certificate", everyMs: lookMs, clock, logger, run });
}

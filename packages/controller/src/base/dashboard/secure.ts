import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";

import type { Clock, Logger, Runnable } from "@walras/kit";
import type { FastifyServerFactory } from "fastify";

import { type Pems, pemWatch, readPems, type TlsFiles } from "../config/tlsFiles.ts";
import { guestServer, hearing, serverOptionsOf } from "../ops/guestServer.ts";
import type { Guests } from "../ops/guests.ts";
import { dashboardLimits as limits } from "./limits.ts";

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
  if (tls === null) return { watch: null, factory: (handle) => guestServer(guests, limits, handle) };
  const first = readPems(tls);
  const watched: { server?: Server } = {};
  const factory: FastifyServerFactory = (handle) => (watched.server = secure(guests, first, handle));
  const take = (pems: Pems): void => watched.server?.setSecureContext(pems);
  return { factory, watch: pemWatch(tls, { name: "dashboard certificate", first, take }, around) };
}

function secure(guests: Guests, pems: Pems, handle: RequestListener): Server {
  const handshake = { minVersion: "TLSv1.2", handshakeTimeout: limits.headersMs } as const;
  const server = createServer({ ...serverOptionsOf(limits), ...handshake, ...pems }, hearing(guests, handle));
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  // Of those that have not shaken hands yet nothing else is known.
  server.maxConnections = 2 * limits.connections;
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server.on("secureConnection", (socket) => guests.arrive(socket));
}

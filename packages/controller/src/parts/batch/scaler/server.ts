import type { Socket } from "node:net";

import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Clock, Logger, Runnable } from "@walras/kit";
import { ExternalScalerService } from "@walras/proto/externalscaler";
import { HealthService } from "@walras/proto/health";
import { ServerReflectionService } from "@walras/proto/reflection";

import { Door } from "../../../base/bounds/door.ts";
import { healthService } from "./health.ts";
import { scalerLimits as limits } from "./limits.ts";
import type { SlotAnswers } from "./port.ts";
import { reflectionAlphaService, reflectionService } from "./reflection.ts";
import { listenFirst } from "./spoken.ts";
import { type ScalerObserver, ScalerService } from "./service.ts";
import { OpenStreams } from "./streams.ts";
import { FileCredentials, type TlsFiles } from "../../../base/config/tlsFiles.ts";

export interface ExternalScalerOptions {
  /** host:port; port 0 takes any free one. */
  readonly address: string;
  /** Plain text without it. */
  readonly tls?: TlsFiles | undefined;
  readonly answers: SlotAnswers;
  /** Whether answers are to be had here; what health says. Calls are answered either way. */
  readonly serving: () => boolean;
  /** Whether a new caller is to stay; one that is not is soon sent away, and finds another behind the same address. Without it all are. */
  readonly accepts?: () => boolean;
  /** Of triggers that name no metric; the prototype's without it. */
  readonly metricName?: string;
  /** Serves connections that speak HTTP/1; without it, and with TLS, there are none. */
  readonly http1?: (socket: Socket) => void;
  /** How often StreamIsActive looks for a change; 5 s without it. */
  readonly streamMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: ScalerObserver;
}

const scalerService = "externalscaler.ExternalScaler";
const defaultStreamMs = 5000;
/** Calls take microseconds; a client that takes longer to hear is not waited for. */
const drainMs = 2000;

/** A peer that has vanished is noticed; a request is a name and some metadata. */
const channelOptions = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_concurrent_streams": limits.callsPerConnection,
  "grpc-node.max_session_memory": limits.connectionMemoryMiB,
};

/**
 * How long a caller stays with a replica that stands by. It is let in first:
 * one that is turned away at once waits 1 s before it tries again, then 1.6 s,
 * up to two minutes (gRPC's connection backoff), and may meet us each time. A
 * connection that stood and has ended is made anew at once.
 */
const standbyStayMs = 500;

const standbyOptions = {
  ...channelOptions,
  "grpc.max_connection_age_ms": standbyStayMs,
  // Streams that are open do not keep it.
  "grpc.max_connection_age_grace_ms": standbyStayMs,
};

const doorLimits = {
  unproven: limits.connections,
  perAddress: limits.connectionsPerAddress,
  perAddressPerSecond: limits.newConnectionsPerAddressPerSecond,
  perAddressBurst: limits.newConnectionsPerAddressBurst,
  perSecond: limits.newConnectionsPerSecond,
  proveMs: null,
};

/** Serves KEDA's ExternalScaler, gRPC health and reflection on one port, and HTTP/1 where somebody answers it. */
export class ExternalScalerServer implements Runnable {
  readonly name = "external scaler";
  readonly #options: ExternalScalerOptions;
  /** For callers that stay. */
  readonly #server = new Server(channelOptions);
  /** For callers that do not. */
  readonly #standby = new Server(standbyOptions);
  readonly #streams: OpenStreams;
  readonly #http1 = new Set<Socket>();
  #door: Door | undefined;
  #tls: FileCredentials | undefined;
  #port = 0;
  #stopping = false;

  constructor(options: ExternalScalerOptions) {
    const { streamMs = defaultStreamMs, serving, clock } = options;
    this.#options = options;
    this.#streams = new OpenStreams(clock);
    const scaler = new ScalerService({ ...options, streams: this.#streams, streamMs });
    const healthy = (): boolean => !this.#stopping && serving();
    const health = healthService([scalerService], healthy, this.#streams);
    for (const server of this.#servers) {
      server.addService(ExternalScalerService, scaler.methods());
      server.addService(HealthService, health);
      server.addService(ServerReflectionService, reflectionService);
      server.addService(reflectionAlphaService, reflectionService);
    }
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#door?.size ?? 0;
  }

  /** Streams that clients hold open. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /** @throws FieldError where a file of `tls` is of no use; Error where the address is taken */
  async start(): Promise<void> {
    const { address, tls, clock, logger } = this.#options;
    this.#tls = tls && new FileCredentials(tls, clock, logger);
    this.#port = await this.#listen(this.#tls ?? ServerCredentials.createInsecure());
    this.#tls?.watch();
    logger.info({ address, port: this.#port, tls: tls !== undefined }, "external scaler listens");
  }

  /** Lets calls under way end, for as long as 2 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#tls?.unwatch();
    this.#streams.endAll();
    // One that is kept alive would be waited for.
    for (const socket of this.#http1) socket.destroySoon();
    const deadline = this.#options.clock.after(drainMs, () => {
      for (const server of this.#servers) server.forceShutdown();
      this.#door?.close();
    });
    // gRPC does not wait for connections that it did not take itself.
    for (const server of this.#servers) server.tryShutdown(() => undefined);
    await this.#door?.shut();
    deadline.cancel();
  }

  get #servers(): readonly Server[] {
    return [this.#server, this.#standby];
  }

  #serveHttp1(socket: Socket, serve: (socket: Socket) => void): void {
    this.#http1.add(socket);
    socket.once("close", () => this.#http1.delete(socket));
    serve(socket);
  }

  async #listen(credentials: ServerCredentials): Promise<number> {
    const { address, clock, tls, http1, accepts = () => true } = this.#options;
    const staying = this.#server.createConnectionInjector(credentials);
    const passing = this.#standby.createConnectionInjector(credentials);
    const http2 = (socket: Socket): void => (accepts() ? staying : passing).injectConnection(socket);
    const enter =
      tls !== undefined || http1 === undefined
        ? http2
        : (socket: Socket): void => listenFirst(socket, { http2, http1: (one) => this.#serveHttp1(one, http1) }, clock);
    this.#door = new Door({ clock, limits: doorLimits, most: () => limits.connections, enter });
    try {
      return await this.#door.listen(address);
    } catch (cause) {
      throw new Error(`cannot listen on ${address}`, { cause });
    }
  }
}

import { Server, type ServerCredentials, status } from "@grpc/grpc-js";
import { type Clock, type Logger, type Runnable, systemClock } from "@walras/kit";
import { AgentServiceService } from "@walras/proto";

import { Admission } from "./admission.ts";
import type { Authenticator } from "./authenticator.ts";
import { AgentCall, type AgentHost, type Call, type CallSurroundings } from "./call.ts";
import { Door } from "../../bounds/door.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";

export interface AgentServerOptions {
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly authenticator: Authenticator;
  readonly host: AgentHost;
  readonly logger: Logger;
  /** The machine's where not given. */
  readonly clock?: Clock;
  /** Nodes of the cluster; as many as Kubernetes supports where not given. */
  readonly knownNodes?: () => number;
}

/** Kubernetes' own bound on nodes (kubernetes.io: Considerations for large clusters). */
const mostNodes = 5_000;

/**
 * Keepalive is off by default on both sides (grpc-node); a peer that vanished
 * would never be noticed. Message size, streams and a connection's memory, in
 * MiB, are bounded against abuse.
 */
const channelOptions = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_concurrent_streams": limits.streamsPerConnection,
  "grpc-node.max_session_memory": limits.connectionMemoryMiB,
};

const doorLimits = {
  unproven: limits.unprovenConnections,
  perAddress: limits.connectionsPerAddress,
  perAddressPerSecond: limits.newConnectionsPerAddressPerSecond,
  perAddressBurst: limits.newConnectionsPerAddressBurst,
  perSecond: limits.newConnectionsPerSecond,
  proveMs: limits.helloMs,
};

/** Serves AgentService: lets connections in, and each stream by its Hello. */
export class AgentServer implements Runnable {
  readonly name = "agent server";
  readonly #options: AgentServerOptions;
  readonly #server = new Server(channelOptions);
  readonly #door: Door;
  readonly #around: CallSurroundings;
  #port = 0;

  constructor(options: AgentServerOptions) {
    const { credentials, authenticator, clock = systemClock, knownNodes = () => mostNodes } = options;
    this.#options = options;
    const injector = this.#server.createConnectionInjector(credentials);
    this.#door = new Door({
      clock,
      limits: doorLimits,
      most: () => limits.connectionsPerNode * knownNodes() + limits.connectionsBeside,
      enter: (socket) => injector.injectConnection(socket),
    });
    this.#around = { ...options, clock, door: this.#door, admission: new Admission(authenticator, clock) };
    this.#server.addService(AgentServiceService, { connect: (call: Call) => this.#connect(call) });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#door.size;
  }

  async start(): Promise<void> {
    const { address } = this.#options;
    try {
      this.#port = await this.#door.listen(address);
    } catch (cause) {
      throw new Error(`cannot listen on ${address}`, { cause });
    }
  }

  stop(): void {
    this.#server.forceShutdown();
    this.#door.close();
  }

  #connect(call: Call): void {
    const agent = new AgentCall(call, this.#around);
    if (this.#options.host.accepts()) agent.begin();
    else agent.end({ code: status.UNAVAILABLE, details: "this controller does not lead" });
  }
}

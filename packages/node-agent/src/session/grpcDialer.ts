import type { ClientDuplexStream, ClientOptions, ServiceError } from "@grpc/grpc-js";
import { type AgentMessage, AgentServiceClient, type ControllerMessage } from "@walras/proto";

import {
  callMetadata,
  type Certificates,
  channelCredentials,
  readCertificates,
  sameCertificates,
  type SecurityOptions,
} from "./security.ts";
import type { ControllerStream, Dialer, StreamEvents } from "./stream.ts";

export interface GrpcDialerOptions {
  /** A gRPC target: HOST:PORT, dns:///HOST:PORT, ipv4:A:P,B:P. */
  readonly target: string;
  readonly security: SecurityOptions;
  /** The name in the controller's certificate, where it is not the target's. */
  readonly tlsServerName?: string | undefined;
}

/**
 * Keepalive is off by default and pings are the only way to notice a peer that
 * vanished (grpc-node #745). Without retries and their buffer a write is done
 * when the transport has taken it, and sent messages are not kept (#2371).
 * Streams go round over all addresses, so that a standby's refusal leads to the leader.
 */
const channelOptions: ClientOptions = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.enable_retries": 0,
  "grpc.per_rpc_retry_buffer_size": 0,
  "grpc.max_receive_message_length": 256 * 1024,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 3_000,
  "grpc.dns_min_time_between_resolutions_ms": 5_000,
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  "grpc.enable_channelz": 0,
  // An agent has a connection of its own, even where a simulation runs many in one process.
  "grpc.use_local_subchannel_pool": 1,
};

interface Connected {
  readonly client: AgentServiceClient;
  readonly certificates: Certificates;
}

/** Opens streams over one channel, which is made anew when certificates change. */
export class GrpcDialer implements Dialer {
  readonly #options: GrpcDialerOptions;
  #connected: Connected | null = null;

  constructor(options: GrpcDialerOptions) {
    this.#options = options;
  }

  dial(events: StreamEvents, afresh: boolean): ControllerStream {
    if (afresh) this.close();
    const metadata = callMetadata(this.#options.security);
    return new GrpcStream(this.#client().connect(metadata), events);
  }

  close(): void {
    this.#connected?.client.close();
    this.#connected = null;
  }

  #client(): AgentServiceClient {
    const { target, security, tlsServerName } = this.#options;
    const certificates = readCertificates(security);
    if (this.#connected && sameCertificates(this.#connected.certificates, certificates)) return this.#connected.client;
    const credentials = channelCredentials(security, certificates);
    this.close();
    const named = tlsServerName === undefined ? {} : { "grpc.ssl_target_name_override": tlsServerName };
    const client = new AgentServiceClient(target, credentials, { ...channelOptions, ...named });
    this.#connected = { client, certificates };
    return client;
  }
}

class GrpcStream implements ControllerStream {
  readonly #call: ClientDuplexStream<AgentMessage, ControllerMessage>;
  #open = true;

  constructor(call: ClientDuplexStream<AgentMessage, ControllerMessage>, events: StreamEvents) {
    this.#call = call;
    const closed = (reason: string): void => {
      if (!this.#open) return;
      this.#open = false;
      call.cancel();
      events.closed(reason);
    };
    call.on("data", (message: ControllerMessage) => {
      if (this.#open) events.message(message);
    });
    call.on("error", (error: ServiceError) => closed(error.details || error.message));
    call.on("end", () => closed("the controller ended the stream"));
  }

  send(message: AgentMessage, written: () => void): void {
    if (!this.#open) return;
    this.#call.write(message, (error?: Error | null) => {
      if (!error && this.#open) written();
    });
  }

  close(): void {
    this.#open = false;
    this.#call.cancel();
  }
}

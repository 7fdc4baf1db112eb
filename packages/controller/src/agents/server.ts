import { Server, type ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { describeError, type Logger, type Runnable } from "@walras/kit";
import { type AgentMessage, AgentServiceService, type ControllerMessage, type Hello } from "@walras/proto";

import { AuthenticationError, type Authenticator } from "./authenticator.ts";
import type { AgentSession, AgentStream } from "./session.ts";

type Call = ServerDuplexStream<AgentMessage, ControllerMessage>;

/** What the server needs of the controller. */
export interface AgentHost {
  /** Only the leader talks with agents; a standby sends them on. */
  accepts(): boolean;
  /** Opens the session of an agent that has proven its node. */
  open(hello: Hello, stream: AgentStream): AgentSession;
  closed(session: AgentSession): void;
}

export interface AgentServerOptions {
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly authenticator: Authenticator;
  readonly host: AgentHost;
  readonly logger: Logger;
}

/**
 * Keepalive is off by default on both sides (grpc-node); a peer that vanished
 * would never be noticed. Message size and streams are bounded against abuse.
 */
const channelOptions = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": 256 * 1024,
  "grpc.max_concurrent_streams": 4,
};

/** Serves AgentService: authenticates each stream by its Hello and hands it to a session. */
export class AgentServer implements Runnable {
  readonly name = "agent server";
  readonly #options: AgentServerOptions;
  readonly #server = new Server(channelOptions);
  #port = 0;

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#server.addService(AgentServiceService, { connect: (call: Call) => this.#connect(call) });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#port;
  }

  start(): Promise<void> {
    const { address, credentials } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (cause, port) => {
        if (cause) {
          reject(new Error(`cannot listen on ${address}`, { cause }));
          return;
        }
        this.#port = port;
        resolve();
      });
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #connect(call: Call): void {
    const { host, logger } = this.#options;
    if (!host.accepts()) {
      refuse(call, status.UNAVAILABLE, "this controller does not lead");
      return;
    }
    let session: AgentSession | undefined;
    const finish = (): void => {
      if (!session) return;
      session.ended();
      host.closed(session);
      session = undefined;
    };
    call.on("error", (error) => logger.debug({ error: describeError(error) }, "agent stream failed"));
    call.on("end", () => call.end());
    call.once("close", finish);
    call.once("cancelled", finish);
    call.once("data", (first: AgentMessage) => {
      call.pause();
      void this.#begin(call, first, (opened) => {
        session = opened;
      });
    });
  }

  async #begin(call: Call, first: AgentMessage, opened: (session: AgentSession) => void): Promise<void> {
    const session = await this.#admit(call, first);
    if (!session) return;
    opened(session);
    call.on("data", (message: AgentMessage) => session.receive(message));
    call.resume();
  }

  async #admit(call: Call, { message }: AgentMessage): Promise<AgentSession | undefined> {
    if (message?.$case !== "hello") {
      refuse(call, status.INVALID_ARGUMENT, "the first message must be a Hello");
      return undefined;
    }
    const hello = message.value;
    try {
      await this.#options.authenticator.authenticate({
        token: bearerToken(call),
        certificateName: certificateName(call),
        claimedNode: hello.nodeName,
      });
    } catch (error) {
      this.#turnAway(call, hello, error);
      return undefined;
    }
    if (call.cancelled || !this.#options.host.accepts()) {
      refuse(call, status.UNAVAILABLE, "this controller does not lead");
      return undefined;
    }
    return this.#options.host.open(hello, streamOf(call));
  }

  #turnAway(call: Call, hello: Hello, error: unknown): void {
    const known = error instanceof AuthenticationError;
    this.#options.logger.warn({ node: hello.nodeName, error: describeError(error) }, "agent turned away");
    const [code, details] = known
      ? [status.UNAUTHENTICATED, error.message]
      : [status.UNAVAILABLE, "the token could not be reviewed"];
    refuse(call, code, details);
  }
}

function refuse(call: Call, code: status, details: string): void {
  call.emit("error", { code, details });
}

function streamOf(call: Call): AgentStream {
  return {
    send: (message) => {
      if (!call.cancelled && call.writable) call.write(message);
    },
    close: (reason) => refuse(call, status.ABORTED, reason),
  };
}

function bearerToken(call: Call): string {
  const [value] = call.metadata.get("authorization");
  return typeof value === "string" && value.startsWith("Bearer ") ? value.slice(7) : "";
}

function certificateName(call: Call): string {
  const subject = call.getAuthContext().sslPeerCertificate?.subject.CN;
  return typeof subject === "string" ? subject : "";
}

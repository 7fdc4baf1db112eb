import { createServer, type Socket } from "node:net";

import {
  credentials,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from "@grpc/grpc-js";
import {
  ActuatorPluginService,
  type EffectRequest,
  type Empty,
  type NextStateRequest,
  type NextStateResponse,
  type PerformRequest,
  PluginType,
  RegistrationClient,
  type RegistrationStatusResponse,
} from "@walras/proto/plugins";

import { protocolVersion } from "../limits.ts";
import { tokenHeader } from "../security.ts";

export type DoubleAnswer = (request: NextStateRequest) => NextStateResponse | "nothing" | "end";

export interface DoubleOptions {
  readonly name: string;
  /** An answer, none at all, or the end of the stream. */
  readonly answer?: DoubleAnswer;
  /** Of those it was started with before; any where not given. */
  readonly port?: number;
  readonly versions?: readonly string[];
  readonly type?: PluginType;
  readonly token?: string;
}

export const noProposals: NextStateResponse = { states: [], utilities: [], actions: [] };

/** An actuator of the prototype, as its protocol has it: it listens, registers, and answers. */
export class DoublePlugin {
  readonly requests: NextStateRequest[] = [];
  readonly performed: PerformRequest[] = [];
  readonly effects: EffectRequest[] = [];
  /** What calls showed of themselves. */
  readonly metadata: Metadata[] = [];
  streams = 0;
  ended = 0;
  /** Perform and Effect do not answer. */
  hangs = false;
  answer: DoubleAnswer;
  readonly #options: DoubleOptions;
  readonly #server = new Server();
  readonly #listener = createServer();
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #stream: ServerDuplexStream<NextStateRequest, NextStateResponse> | undefined;

  private constructor(options: DoubleOptions) {
    this.#options = options;
    this.answer = options.answer ?? (() => noProposals);
    this.#server.addService(ActuatorPluginService, {
      nextState: (call: ServerDuplexStream<NextStateRequest, NextStateResponse>) => this.#nextState(call),
      perform: (call: ServerUnaryCall<PerformRequest, Empty>, reply: sendUnaryData<Empty>) => {
        this.performed.push(call.request);
        if (!this.hangs) reply(null, {});
      },
      effect: (call: ServerUnaryCall<EffectRequest, Empty>, reply: sendUnaryData<Empty>) => {
        this.effects.push(call.request);
        reply(null, {});
      },
    });
  }

  static async start(options: DoubleOptions): Promise<DoublePlugin> {
    const double = new DoublePlugin(options);
    await double.#listen();
    return double;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  register(managerPort: number): Promise<RegistrationStatusResponse> {
    const { name, token, versions = [protocolVersion], type = PluginType.ACTUATOR } = this.#options;
    const client = new RegistrationClient(`127.0.0.1:${managerPort}`, credentials.createInsecure());
    const metadata = new Metadata();
    if (token !== undefined) metadata.set(tokenHeader, token);
    const pInfo = { type, name, endpoint: this.endpoint, supportedVersions: [...versions] };
    return new Promise((resolve, reject) => {
      client.register({ pInfo }, metadata, (error, response) => {
        client.close();
        if (error) reject(error);
        else resolve(response);
      });
    });
  }

  /** Answers on its newest stream, asked or not. */
  say(answer: NextStateResponse): void {
    this.#stream?.write(answer);
  }

  /** Connections that are open to it. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** As a process that is killed. */
  stop(): void {
    this.#server.forceShutdown();
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(): Promise<void> {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#listener.once("error", reject);
    this.#listener.listen(this.#options.port ?? 0, "127.0.0.1", () => {
      const bound = this.#listener.address();
      this.#port = typeof bound === "object" && bound !== null ? bound.port : 0;
      resolve();
    });
    return promise;
  }

  #nextState(call: ServerDuplexStream<NextStateRequest, NextStateResponse>): void {
    this.streams += 1;
    this.#stream = call;
    call.on("cancelled", () => (this.ended += 1));
    this.metadata.push(call.metadata);
    call.on("error", () => undefined);
    call.on("end", () => call.end());
    call.on("data", (request: NextStateRequest) => {
      this.requests.push(request);
      const answer = this.answer(request);
      if (answer === "end") call.end();
      else if (answer !== "nothing") call.write(answer);
    });
  }
}

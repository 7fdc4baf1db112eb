import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import {
  type AgentMessage,
  AgentServiceService,
  type ControllerMessage,
  type Hello,
  type PodRef,
  type Report,
} from "@walras/proto";

type Call = ServerDuplexStream<AgentMessage, ControllerMessage>;

export interface TestControllerOptions {
  readonly credentials?: ServerCredentials;
  /** Refuses every stream, as a standby does. */
  readonly standby?: boolean;
  readonly port?: number;
  readonly intervalMillis?: number;
  readonly pods?: readonly PodRef[];
}

/** A controller over real gRPC that remembers what it hears. */
export class TestController {
  readonly hellos: Hello[] = [];
  readonly tokens: string[] = [];
  readonly reports: Report[] = [];
  /** The stream that was opened last. */
  call: Call | null = null;
  refused = 0;
  port = 0;
  /** Whether new streams are read. */
  reading = true;
  readonly #server = new Server();
  readonly #options: TestControllerOptions;

  constructor(options: TestControllerOptions = {}) {
    this.#options = options;
    this.#server.addService(AgentServiceService, { connect: (call: Call) => this.#accept(call) });
  }

  async start(): Promise<this> {
    const credentials = this.#options.credentials ?? ServerCredentials.createInsecure();
    this.port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${this.#options.port ?? 0}`, credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return this;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  say(epoch: number, message: NonNullable<ControllerMessage["message"]>): void {
    this.call?.write({ epoch, message });
  }

  #accept(call: Call): void {
    call.on("error", () => undefined);
    call.on("end", () => call.end());
    if (this.#options.standby) {
      this.refused += 1;
      call.emit("error", { code: status.UNAVAILABLE, details: "this controller does not lead" });
      return;
    }
    this.call = call;
    this.tokens.push(String(call.metadata.get("authorization")[0] ?? ""));
    call.on("data", ({ message }: AgentMessage) => this.#hear(call, message));
  }

  #hear(call: Call, message: AgentMessage["message"]): void {
    if (message?.$case === "report") this.reports.push(message.value);
    if (message?.$case !== "hello") return;
    this.hellos.push(message.value);
    const { intervalMillis = 100, pods = [] } = this.#options;
    this.say(1, { $case: "settings", value: { intervalMillis, allocatableMilli: 2000 } });
    this.say(1, { $case: "podSet", value: { pods: [...pods] } });
    if (!this.reading) call.pause();
  }
}

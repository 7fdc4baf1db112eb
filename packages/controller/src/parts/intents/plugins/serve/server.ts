import { type sendUnaryData, Server, type ServerDuplexStream, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { type Clock, describeError, type Logger, type Runnable } from "@walras/kit";
import {
  ActuatorPluginService,
  type EffectRequest,
  type Empty,
  type NextStateRequest,
  type NextStateResponse,
  type PerformRequest,
  type State as StateMessage,
} from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import { pluginLimits as limits } from "../limits.ts";
import { Listening } from "../listening.ts";
import type { PluginSecurity } from "../security.ts";
import { readAction, readState } from "../wire/read.ts";
import type { ForeignPlan, PlanCarrier } from "./ports.ts";
import type { Proposer } from "./proposer.ts";

export interface ActuatorServerOptions {
  /** Of the actuator. */
  readonly actuator: string;
  /** host:port; port 0 takes any free one. */
  readonly address: string;
  readonly security: PluginSecurity;
  readonly proposer: Pick<Proposer, "propose">;
  readonly carrier: PlanCarrier;
  readonly clock: Clock;
  readonly logger: Logger;
}

type StatesCall = ServerDuplexStream<NextStateRequest, NextStateResponse>;

const serverOptions = {
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_send_message_length": limits.messageBytes,
  "grpc.max_concurrent_streams": 16,
  "grpc-node.max_session_memory": 2 * limits.connectionMemoryMiB,
};

const noProposals: NextStateResponse = { states: [], utilities: [], actions: [] };

/** One of our actuators as a plugin of a foreign planner. */
export class ActuatorServer implements Runnable {
  readonly name: string;
  readonly #options: ActuatorServerOptions;
  readonly #server = new Server(serverOptions);
  readonly #listening: Listening;
  #complaint = "";

  constructor(options: ActuatorServerOptions) {
    this.name = `actuator ${options.actuator}`;
    this.#options = options;
    this.#listening = new Listening({ ...options, server: this.#server, proveMs: null });
    this.#server.addService(ActuatorPluginService, {
      nextState: (call: StatesCall) => this.#nextState(call),
      perform: (call: ServerUnaryCall<PerformRequest, Empty>, reply: sendUnaryData<Empty>) =>
        void this.#answer(call, reply, (signal) => this.#perform(call.request, signal)),
      effect: (call: ServerUnaryCall<EffectRequest, Empty>, reply: sendUnaryData<Empty>) =>
        void this.#answer(call, reply, (signal) => this.#learn(call.request, signal)),
    });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#listening.port;
  }

  /** Somebody is connected, as a planner is with whom it is registered. */
  isHeard(): boolean {
    return this.#listening.connections > 0;
  }

  /** @throws FieldError where a file cannot be used; Error where the address is taken */
  start(): Promise<void> {
    return this.#listening.listen(this.#options.address);
  }

  stop(): void {
    this.#listening.close();
  }

  #nextState(call: StatesCall): void {
    call.on("error", (error) => this.#tell(error));
    const refusal = this.#options.security.refusal(call.metadata);
    if (refusal !== null) {
      call.emit("error", { code: status.UNAUTHENTICATED, details: refusal });
      return;
    }
    call.on("end", () => call.end());
    call.on("data", (request: NextStateRequest) => call.write(this.#proposals(request)));
  }

  /** The prototype's planner never opens a stream again that has failed: what cannot be read is answered with nothing. */
  #proposals(request: NextStateRequest): NextStateResponse {
    try {
      return this.#options.proposer.propose(this.#options.actuator, request);
    } catch (error) {
      this.#tell(error);
      return noProposals;
    }
  }

  async #answer<Request>(
    call: ServerUnaryCall<Request, Empty>,
    reply: sendUnaryData<Empty>,
    run: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    const refusal = this.#options.security.refusal(call.metadata);
    if (refusal !== null) {
      reply({ code: status.UNAUTHENTICATED, details: refusal });
      return;
    }
    try {
      await run(gone.signal);
      reply(null, {});
    } catch (error) {
      this.#tell(error);
      reply({ code: status.FAILED_PRECONDITION, details: clip(describeError(error)) });
    }
  }

  async #perform({ state, plan }: PerformRequest, signal: AbortSignal): Promise<void> {
    const { carrier, actuator } = this.#options;
    await carrier.perform(actuator, planOf(state, plan), signal);
  }

  async #learn({ state }: EffectRequest, signal: AbortSignal): Promise<void> {
    const { carrier, actuator } = this.#options;
    await carrier.learn(actuator, planOf(state, []).intent, signal);
  }

  /** Each new complaint once. */
  #tell(error: unknown): void {
    const complaint = clip(describeError(error));
    if (complaint !== this.#complaint)
      this.#options.logger.warn({ actuator: this.#options.actuator, error: complaint }, "planner not served");
    this.#complaint = complaint;
  }
}

/** @throws FieldError naming what cannot be read */
function planOf(message: StateMessage | undefined, plan: PerformRequest["plan"]): ForeignPlan {
  const { pods, resources, annotations } = readState(message, "state");
  const { key = "", targetKey = "", targetKind = "" } = message?.intent ?? {};
  return {
    intent: key,
    target: { kind: targetKind, name: targetKey },
    pods: pods.map(({ name }) => name),
    resources,
    annotations,
    plan: plan.map((action, index) => readAction(action, `plan[${index}]`)),
  };
}

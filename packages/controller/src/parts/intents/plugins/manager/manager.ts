import { type sendUnaryData, Server, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { type Clock, describeError, type Logger, Repeating, type Rng, type Runnable } from "@walras/kit";
import { type RegisterRequest, RegistrationService, type RegistrationStatusResponse } from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import { pluginLimits as limits } from "../limits.ts";
import { Listening } from "../listening.ts";
import { PluginSecurity, type PluginSecurityOptions } from "../security.ts";
import type { PluginObserver } from "./ports.ts";
import { PluginTable } from "./table.ts";

export interface PluginManagerOptions {
  /** host:port; port 0 takes any free one. */
  readonly address: string;
  readonly security: PluginSecurityOptions;
  /** Whether this process plans; one that does not sends plugins away for now. */
  readonly accepts: () => boolean;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: PluginObserver;
}

const serverOptions = {
  "grpc.max_receive_message_length": limits.registrationBytes,
  "grpc.max_concurrent_streams": 4,
  "grpc-node.max_session_memory": limits.connectionMemoryMiB,
};

type RegisterCall = ServerUnaryCall<RegisterRequest, RegistrationStatusResponse>;

/**
 * Takes registrations of actuators, connects to each, and drops those that are
 * gone. What a plugin does wrong is contained in it.
 */
export class PluginManager implements Runnable {
  readonly name = "plugin manager";
  readonly plugins: PluginTable;
  readonly #options: PluginManagerOptions;
  readonly #security: PluginSecurity;
  readonly #server = new Server(serverOptions);
  readonly #sweeping: Repeating;
  readonly #listening: Listening;

  constructor(options: PluginManagerOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#security = new PluginSecurity(options.security, clock);
    this.plugins = new PluginTable({ ...options, security: this.#security });
    const { proveMs } = limits;
    this.#listening = new Listening({ ...options, server: this.#server, security: this.#security, proveMs });
    this.#server.addService(RegistrationService, {
      register: (call: RegisterCall, reply: sendUnaryData<RegistrationStatusResponse>) =>
        void this.#register(call, reply),
    });
    const run = (): void => this.plugins.sweep();
    this.#sweeping = new Repeating({ name: "plugins", everyMs: limits.sweepMs, first: "later", run, clock, logger });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#listening.port;
  }

  /** @throws FieldError where a file cannot be used; Error where the address is taken */
  async start(): Promise<void> {
    const { address, logger } = this.#options;
    await this.#listening.listen(address);
    await this.#sweeping.start();
    logger.info({ address, port: this.port }, "plugins may register");
  }

  async stop(): Promise<void> {
    await this.#sweeping.stop();
    this.plugins.close();
    this.#listening.close();
  }

  async #register(call: RegisterCall, reply: sendUnaryData<RegistrationStatusResponse>): Promise<void> {
    try {
      const refusal = this.#security.refusal(call.metadata);
      if (refusal !== null) return this.#refuse(reply, status.UNAUTHENTICATED, refusal);
      if (!this.#options.accepts()) return this.#refuse(reply, status.UNAVAILABLE, "this planner does not lead");
      this.#listening.prove(call.getPeer());
      const error = await this.plugins.register(call.request);
      if (error !== null) this.#told(error);
      reply(null, { pluginRegistered: error === null, error: error ?? "" });
    } catch (error) {
      this.#refuse(reply, status.INTERNAL, describeError(error));
    }
  }

  #refuse(reply: sendUnaryData<RegistrationStatusResponse>, code: status, reason: string): void {
    this.#told(reason);
    reply({ code, details: clip(reason) });
  }

  #told(reason: string): void {
    this.#options.logger.warn({ error: clip(reason) }, "plugin not registered");
    this.#options.observer.refused(reason);
  }
}

import type { Server } from "@grpc/grpc-js";
import type { Clock, Logger } from "@walras/kit";

import { Door } from "../../../base/bounds/door.ts";
import { FileCredentials } from "../../../base/config/tlsFiles.ts";
import { pluginLimits as limits } from "./limits.ts";
import type { PluginSecurity } from "./security.ts";

export interface ListeningOptions {
  readonly server: Server;
  readonly security: PluginSecurity;
  /** Who has not proved in this time who he is has to go; null: nobody has to prove it. */
  readonly proveMs: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A gRPC server of the plugin protocol behind a door that bounds who comes in. */
export class Listening {
  readonly #options: ListeningOptions;
  #door: Door | undefined;
  #tls: FileCredentials | undefined;
  #port = 0;

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** The port in use, once it listens. */
  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#door?.size ?? 0;
  }

  /**
   * @param address host:port; port 0 takes any free one
   * @throws FieldError where a file cannot be used; Error where the address is taken
   */
  async listen(address: string): Promise<void> {
    const { server, security, proveMs, clock, logger } = this.#options;
    const missing = security.missing();
    if (missing !== null) logger.warn({ problem: missing }, "no plugin is let in until that is there");
    const credentials = security.serverCredentials(clock, logger);
    if (credentials instanceof FileCredentials) this.#tls = credentials;
    const injector = server.createConnectionInjector(credentials);
    const enter = (socket: Parameters<typeof injector.injectConnection>[0]): void => injector.injectConnection(socket);
    this.#door = new Door({ clock, limits: { ...doorLimits, proveMs }, most: () => limits.connections, enter });
    try {
      this.#port = await this.#door.listen(address);
    } catch (cause) {
      throw new Error(`cannot listen on ${address}`, { cause });
    }
    this.#tls?.watch();
  }

  /** The peer has proved who he is. */
  prove(peer: string): void {
    this.#door?.prove(peer);
  }

  close(): void {
    this.#tls?.unwatch();
    this.#options.server.forceShutdown();
    this.#door?.close();
  }
}

const doorLimits = {
  unproven: limits.connections,
  perAddress: limits.connectionsPerAddress,
  perAddressPerSecond: limits.newConnectionsPerSecond,
  perAddressBurst: limits.newConnectionsPerSecond,
  perSecond: limits.newConnectionsPerSecond,
};

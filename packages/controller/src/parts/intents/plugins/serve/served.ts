import { type Clock, errorAt, type Logger, type Repeating, type Runnable } from "@walras/kit";

import { PluginSecurity, type PluginSecurityOptions } from "../security.ts";
import type { PlanCarrier } from "./ports.ts";
import type { Proposer } from "./proposer.ts";
import { registrarFor } from "./registrar.ts";
import { ActuatorServer } from "./server.ts";

export interface ServedActuatorsOptions {
  /** Which of the proposer's actuators. */
  readonly names: readonly string[];
  /** Where they listen. */
  readonly host: string;
  /** Of the first; each next one has the next. 0: any free one. */
  readonly port: number;
  /** Where the planner reaches them. */
  readonly advertisedHost: string;
  /** host:port of the planner's plugin manager. */
  readonly manager: string;
  readonly security: PluginSecurityOptions;
  readonly proposer: Proposer;
  readonly carrier: PlanCarrier;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Served {
  readonly server: ActuatorServer;
  readonly registrar: Repeating;
}

/** Our actuators as plugins of a foreign planner, each on a port of its own: the protocol asks no actuator by its name. */
export class ServedActuators implements Runnable {
  readonly name = "served actuators";
  readonly #served: readonly Served[];

  /** @throws FieldError where there is no such actuator */
  constructor(options: ServedActuatorsOptions) {
    const known = options.proposer.names;
    for (const name of options.names)
      if (!known.includes(name)) throw errorAt("flags.intentsServe", name, `is not one of ${known.join(", ")}`);
    const security = new PluginSecurity(options.security, options.clock);
    this.#served = options.names.map((name, index) => servedFor(name, index, { options, security }));
  }

  /** Of each in its order, once started. */
  get ports(): readonly number[] {
    return this.#served.map(({ server }) => server.port);
  }

  /** Listens; the planner may come later. @throws Error where an address is taken */
  async start(): Promise<void> {
    for (const { server } of this.#served) await server.start();
    for (const { registrar } of this.#served) void registrar.start();
  }

  async stop(): Promise<void> {
    for (const { registrar } of this.#served) await registrar.stop();
    for (const { server } of this.#served) server.stop();
  }
}

function servedFor(
  actuator: string,
  index: number,
  { options, security }: { readonly options: ServedActuatorsOptions; readonly security: PluginSecurity },
): Served {
  const { host, port, advertisedHost } = options;
  const server = new ActuatorServer({ ...options, actuator, security, address: `${host}:${port && port + index}` });
  const endpoint = (): string => `${advertisedHost}:${server.port}`;
  const registrar = registrarFor({ ...options, actuator, security, endpoint, isHeard: () => server.isHeard() });
  return { server, registrar };
}

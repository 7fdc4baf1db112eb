import { type Clock, type Logger, Repeating } from "@walras/kit";
import { PluginType, RegistrationClient, type RegistrationStatusResponse } from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import { pluginLimits as limits, protocolVersion } from "../limits.ts";
import type { PluginSecurity } from "../security.ts";
import { answerOf } from "../wire/unary.ts";

export interface RegistrarOptions {
  readonly actuator: string;
  /** host:port of the foreign planner's plugin manager. */
  readonly manager: string;
  /** host:port where it reaches the actuator. */
  readonly endpoint: () => string;
  /** It is connected to the actuator, and need not be told of it. */
  readonly isHeard: () => boolean;
  readonly security: PluginSecurity;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Registers an actuator with a foreign planner, and again whenever that has lost it. */
export function registrarFor(options: RegistrarOptions): Repeating {
  const { actuator, clock, logger, endpoint, isHeard } = options;
  return new Repeating({
    name: `registration of ${actuator}`,
    everyMs: limits.registerEveryMs,
    first: "at once",
    rests: true,
    clock,
    logger,
    run: async (signal) => {
      if (isHeard()) return;
      const { pluginRegistered, error } = await register(options, signal);
      if (!pluginRegistered) throw new Error(clip(error || "the planner does not say why"));
      logger.info({ actuator, endpoint: endpoint() }, "registered with a foreign planner");
    },
  });
}

async function register(
  { actuator, manager, endpoint, security, clock }: RegistrarOptions,
  signal: AbortSignal,
): Promise<RegistrationStatusResponse> {
  const client = new RegistrationClient(`dns:${manager}`, security.channelCredentials(), {
    "grpc.enable_http_proxy": 0,
    "grpc.max_receive_message_length": limits.registrationBytes,
  });
  const pInfo = {
    type: PluginType.ACTUATOR,
    name: actuator,
    endpoint: endpoint(),
    supportedVersions: [protocolVersion],
  };
  try {
    return await answerOf<RegistrationStatusResponse>({ ms: limits.registerMs, clock, signal }, (reply) =>
      client.register({ pInfo }, security.metadata(), reply),
    );
  } finally {
    client.close();
  }
}

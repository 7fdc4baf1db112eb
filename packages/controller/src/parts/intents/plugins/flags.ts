import { errorAt } from "@walras/kit";
import type { Command } from "commander";
import { z } from "zod";

import { separated } from "../../../base/config/flags.ts";
import type { PluginSecurityOptions } from "./security.ts";

const hostAndPort = z.string().regex(/^(?:[^\s:]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/, "expected host:port");

/** Of plugins: those that register here, and ours that register elsewhere. */
export const pluginSchema = z.object({
  intentsPluginAddress: hostAndPort.optional(),
  intentsPluginTokenFile: z.string().min(1).optional(),
  intentsPluginTlsCert: z.string().min(1).optional(),
  intentsPluginTlsKey: z.string().min(1).optional(),
  intentsPluginTlsCa: z.string().min(1).optional(),
  intentsPluginInsecure: z.boolean(),
  intentsServe: z.array(z.string().min(1)),
  intentsServeManager: hostAndPort.optional(),
  intentsServeAddress: hostAndPort,
  intentsServeHost: z.string().min(1).optional(),
});

export type PluginFlags = z.output<typeof pluginSchema>;

export function addPluginFlags(program: Command): Command {
  return program
    .option(
      "--intents-plugin-address <host:port>",
      "where actuators register; 0.0.0.0 and plugin_manager_port otherwise",
    )
    .option(
      "--intents-plugin-token-file <file>",
      "token that plugins and planner show each other, read again twice a minute",
    )
    .option(
      "--intents-plugin-tls-cert <file>",
      "certificate that is shown to plugins (PEM), read again when it changes",
    )
    .option("--intents-plugin-tls-key <file>", "its private key (PEM)")
    .option("--intents-plugin-tls-ca <file>", "authority of plugins' certificates (PEM)")
    .option("--intents-plugin-insecure", "believe every plugin that can connect", false)
    .option(
      "--intents-serve <actuators>",
      "actuators that serve a foreign planner, such as scaleOut,rmPod",
      separated,
      [],
    )
    .option("--intents-serve-manager <host:port>", "plugin manager of that planner")
    .option(
      "--intents-serve-address <host:port>",
      "where the first of them listens; each next one has the next port",
      "0.0.0.0:33334",
    )
    .option("--intents-serve-host <host>", "where the planner reaches them");
}

/** @throws FieldError for flags that do not go together */
export function checkPluginFlags(flags: PluginFlags): void {
  const { intentsPluginTlsCert: cert, intentsPluginTlsKey: key, intentsPluginTlsCa: ca } = flags;
  const given = [cert, key, ca].filter((file) => file !== undefined).length;
  if (given > 0 && given < 3)
    throw errorAt("flags.intentsPluginTlsCert", cert, "goes with --intents-plugin-tls-key and --intents-plugin-tls-ca");
  if (flags.intentsPluginInsecure && (given > 0 || flags.intentsPluginTokenFile !== undefined))
    throw errorAt("flags.intentsPluginInsecure", true, "does not go with a token or TLS");
  if (flags.intentsServe.length === 0) return;
  for (const field of ["intentsServeManager", "intentsServeHost"] as const)
    if (flags[field] === undefined) throw errorAt(`flags.${field}`, undefined, "is needed with --intents-serve");
}

/** How plugins and planner know each other; both directions are the same. */
export function pluginSecurityOf(flags: PluginFlags): PluginSecurityOptions {
  const { intentsPluginTlsCert: certFile, intentsPluginTlsKey: keyFile, intentsPluginTlsCa: caFile } = flags;
  const isTls = certFile !== undefined && keyFile !== undefined && caFile !== undefined;
  return {
    tokenFile: flags.intentsPluginTokenFile,
    tls: isTls ? { certFile, keyFile, caFile } : undefined,
    insecure: flags.intentsPluginInsecure,
  };
}

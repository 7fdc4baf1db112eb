import { errorAt } from "@walras/kit";
import type { Command } from "commander";
import { z } from "zod";

import { separated } from "../../base/config/flags.ts";

const file = z.string().min(1).optional();

export const schema = z.object({
  intentsConfig: z.string().min(1),
  intentsQueries: file,
  intentsActuators: z.string().min(1),
  intentsKnowledge: file,
  intentsKnowledgeDays: z.coerce.number().positive().max(3650),
  intentsMongo: z.url().optional(),
  intentsTokenFile: file,
  intentsCaFile: file,
  intentsAllowedHosts: z.array(z.string()),
  intentsPlugins: file,
  intentsPluginTokenFile: file,
  intentsPluginTlsCert: file,
  intentsPluginTlsKey: file,
  intentsPluginTlsCa: file,
  intentsPluginInsecure: z.boolean(),
});

export type IntentFlags = z.infer<typeof schema>;

/** Where the prototype's manifest mounts its configuration. */
export const defaultConfig = "/config/defaults.json";

export function addFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  program
    .option(
      "--intents-config <file>",
      "defaults.json of planner-configmap; its defaults where that is not there",
      defaultConfig,
    )
    .option("--intents-queries <file>", "default_queries.json, in place of monitor.profile.queries")
    .option(
      "--intents-actuators <folder>",
      "a JSON file for each actuator: scale_out.json, rm_pod.json, …",
      "/actuators",
    )
    .option("--intents-knowledge <folder>", "keeps what was planned and learnt; in memory where not given")
    .option("--intents-knowledge-days <days>", "how long that is kept", "7")
    .option("--intents-mongo <uri>", "keeps it in a MongoDB instead, as the prototype does", env["MONGO_URL"])
    .option("--intents-token-file <file>", "bearer token for telemetry_endpoint, read again when it changes")
    .option("--intents-ca-file <file>", "authority of its certificate (PEM)")
    .option("--intents-allowed-hosts <names>", "hosts that KPIProfiles may name as endpoints", separated, []);
  return addPluginFlags(program);
}

function addPluginFlags(program: Command): Command {
  return program
    .option(
      "--intents-plugins <host:port>",
      "where actuators of the prototype's protocol register; nowhere where not given",
    )
    .option("--intents-plugin-token-file <file>", "a token that planner and actuators show each other")
    .option("--intents-plugin-tls-cert <file>", "certificate shown to actuators (PEM), read again when it changes")
    .option("--intents-plugin-tls-key <file>", "its private key (PEM)")
    .option("--intents-plugin-tls-ca <file>", "authority of actuators' certificates (PEM)")
    .option("--intents-plugin-insecure", "let in whoever can connect, as the prototype does", false);
}

/** @throws FieldError for flags that do not go together */
export function check(flags: IntentFlags): void {
  const { intentsPluginTlsCert: cert, intentsPluginTlsKey: key, intentsPluginTlsCa: ca } = flags;
  const given = [cert, key, ca].filter((one) => one !== undefined);
  if (given.length > 0 && given.length < 3)
    throw errorAt(
      "--intents-plugin-tls-cert",
      cert,
      "is given with --intents-plugin-tls-key and --intents-plugin-tls-ca or not at all",
    );
  const isSecured = given.length > 0 || flags.intentsPluginTokenFile !== undefined || flags.intentsPluginInsecure;
  if (flags.intentsPlugins !== undefined && !isSecured)
    throw errorAt("--intents-plugins", flags.intentsPlugins, "needs a token, TLS, or --intents-plugin-insecure");
}

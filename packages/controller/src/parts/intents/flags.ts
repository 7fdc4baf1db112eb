import type { Command } from "commander";
import { z } from "zod";

import { separated } from "../../base/config/flags.ts";
import { addPluginFlags, pluginSchema } from "./plugins/flags.ts";

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
  ...pluginSchema.shape,
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

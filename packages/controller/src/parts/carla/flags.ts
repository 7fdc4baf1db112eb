import type { Command } from "commander";
import { z } from "zod";

export const schema = z.object({
  carlaPolicy: z.string().min(1),
  carlaApps: z.string().min(1),
  carlaOverride: z.string().min(1),
});

export type CarlaFlags = z.infer<typeof schema>;

const folder = "/app/configs";

export function addFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  return program
    .option(
      "--carla-policy <file>",
      "when and how much to release",
      env["CARLA_POLICY"] ?? `${folder}/carla_policy.yaml`,
    )
    .option("--carla-apps <file>", "what to release", env["CARLA_APPS"] ?? `${folder}/apps.yaml`)
    .option(
      "--carla-override <file>",
      "approves every high-risk release, once, from when it changed",
      env["CARLA_OVERRIDE"] ?? `${folder}/override.yaml`,
    );
}

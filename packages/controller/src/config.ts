import { parseWith } from "@walras/kit";
import { Command } from "commander";
import { z } from "zod";

import {
  addBaseFlags,
  type AloneDefaults,
  baseSchema,
  checkAgentSecurity,
  commonDefaults,
  defaultAgentAddress,
  portFrom,
  separated,
} from "./base/config/flags.ts";
import { checkDashboard } from "./base/config/dashboardFlags.ts";
import type { ControllerConfig, ListedPart } from "./parts/part.ts";
import { parts as allParts } from "./wire.ts";

/**
 * The configuration from the command line.
 *
 * @throws FieldError naming the flag and its value
 */
export function readConfig(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  parts: readonly ListedPart[] = allParts,
): ControllerConfig {
  const program = command(env, parts).exitOverride();
  program.parse(argv, { from: "user" });
  const options = program.opts<Readonly<Record<string, unknown>>>();
  const names = chosenNames(options["parts"], parts);
  const chosen = parts.filter(({ name }) => names.includes(name));
  const base = parseWith(baseSchema, { ...defaultsFor(chosen, env), ...options }, "flags");
  checkDashboard(base);
  // The flags of a part that does not run are checked as well: a mistake in them is still a mistake.
  const configured = parts.map((part) => part.configure(options)).filter(({ name }) => names.includes(name));
  const agentsAt = base.agentAddress ?? (chosen.some((part) => part.needsAgents) ? defaultAgentAddress : undefined);
  if (agentsAt !== undefined) checkAgentSecurity(agentsAt, base);
  for (const part of configured) part.check(agentsAt !== undefined);
  const unread = chosen.flatMap((part) => part.unread?.(env, chosen.length === 1) ?? []);
  return { ...base, parts: names, configured, agentsAt, unread };
}

/** Every flag of the controller, with its default. */
export function command(env: NodeJS.ProcessEnv, parts: readonly ListedPart[] = allParts): Command {
  const names = parts.map(({ name }) => name).join(", ");
  const program = new Command("walras-controller")
    .description(
      "Divides CPU among pods, releases applications, starts batch jobs, places pods on GPUs, reaches KPI targets",
    )
    .option("--parts <names>", `what to decide about: ${names}`, separated, ["market"]);
  addBaseFlags(program, env);
  for (const part of parts) part.addFlags(program, env);
  return program;
}

function chosenNames(named: unknown, parts: readonly ListedPart[]): readonly string[] {
  const names = parts.map(({ name }) => name);
  return parseWith(z.object({ parts: z.array(z.enum(names)).min(1) }), { parts: named }, "flags").parts;
}

/** A part by itself is a drop-in: the prototype's port and its variable, its plain log, and a Lease of its own. */
function defaultsFor(chosen: readonly ListedPart[], env: NodeJS.ProcessEnv): object {
  const [first, ...others] = chosen;
  if (first === undefined || others.length > 0) return commonDefaults;
  const { opsPortVariable, ...defaults }: AloneDefaults = first.alone;
  const opsPort = opsPortVariable === undefined ? undefined : portFrom(env, opsPortVariable);
  return { ...defaults, ...(opsPort !== undefined && { opsPort }) };
}

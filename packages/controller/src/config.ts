import { readFileSync } from "node:fs";

import { errorAt, FieldError, parseWith } from "@walras/kit";
import { Command } from "commander";
import { z } from "zod";

import { ConfigFile } from "./base/configFile/file.ts";
import { fileKeys, fileSchema, valueOf } from "./base/configFile/keys.ts";
import {
  addBaseFlags,
  type AloneDefaults,
  baseSchema,
  checkAgentSecurity,
  commonDefaults,
  defaultAgentAddress,
  defaultParts,
  liveBase,
  partNames,
  portFrom,
} from "./base/config/flags.ts";
import { checkDashboard } from "./base/config/dashboardFlags.ts";
import type { ControllerConfig, ListedPart } from "./parts/part.ts";
import { version } from "./version.ts";
import { parts as allParts } from "./wire.ts";

/**
 * The configuration: flags first, then the file that --config names, then variables and defaults.
 *
 * @param read the text of that file
 * @throws FieldError naming the flag and its value
 * @throws ConfigFileError naming everything that is wrong with the file
 */
export function readConfig(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  parts: readonly ListedPart[] = allParts,
  read: (file: string) => string = readText,
): ControllerConfig {
  const program = command(env, parts).exitOverride();
  program.parse(argv, { from: "user" });
  const name = program.opts<{ readonly config?: string }>().config;
  if (name === undefined) return { ...configured(program, env, parts), file: undefined };
  const text = read(name);
  const locate = takeFile(program, new ConfigFile(name, text, controllerFileSchema(program, parts)), parts);
  try {
    const again = (fresh: string): ControllerConfig => readConfig(argv, env, parts, () => fresh);
    return { ...configured(program, env, parts), file: { name, text, again } };
  } catch (error) {
    throw error instanceof FieldError ? locate(error) : error;
  }
}

/** What a configuration file of the controller may hold. */
function controllerFileSchema(program: Command, parts: readonly ListedPart[] = allParts): z.ZodObject {
  return fileSchema(program, Object.assign({}, ...parts.map(({ fileOnly }) => fileOnly)) as z.ZodRawShape);
}

/** The same as a JSON schema, for editors. */
export function fileJsonSchema(): object {
  const schema = controllerFileSchema(command({ POD_NAME: "$POD_NAME" }));
  return { title: "Configuration file of the Walras controller", ...z.toJSONSchema(schema, { io: "input" }) };
}

/** Every flag of the controller, with its default. */
export function command(env: NodeJS.ProcessEnv, parts: readonly ListedPart[] = allParts): Command {
  const names = parts.map(({ name }) => name).join(", ");
  const program = new Command("walras-controller")
    .version(version, "-V, --version", "tells the program's version and ends")
    .description(
      "Divides CPU among pods, releases applications, starts batch jobs, places pods on GPUs, reaches KPI targets",
    )
    .option("--parts <names>", `what to decide about: ${names}; given again it adds`, partNames, defaultParts);
  addBaseFlags(program, env);
  for (const part of parts) part.addFlags(program, env);
  return program;
}

/**
 * Puts a file's values where no flag was given.
 *
 * @returns what finds the place in the file of an error that is about a flag
 * @throws ConfigFileError
 */
function takeFile(program: Command, file: ConfigFile, parts: readonly ListedPart[]): (error: FieldError) => Error {
  const keys = fileKeys(program).filter(({ key }) => key in file.values);
  const flags = new Map(
    keys.map((one) => [one.attribute, { key: one.key, value: valueOf(one, file.values[one.key]) }]),
  );
  const others = Object.keys(file.values).filter((key) => !keys.some((one) => one.key === key));
  const given = new Map([...flags, ...others.map((key) => [key, { key, value: file.values[key] }] as const)]);
  const inFile = ([attribute, ...rest]: readonly PropertyKey[]): readonly PropertyKey[] | null => {
    const known = given.get(String(attribute));
    return known ? [known.key, ...rest] : null;
  };
  file.refuse(
    issuesWith(program, given, parts).flatMap(({ path, message }) => {
      const found = inFile(path);
      return found ? [{ path: found, message }] : [];
    }),
  );
  for (const [attribute, { value }] of given)
    if (program.getOptionValueSource(attribute) !== "cli") program.setOptionValueWithSource(attribute, value, "config");
  return (error) => {
    const [origin, ...path] = error.field.split(".");
    const [attribute = ""] = path;
    const found = origin === "flags" && program.getOptionValueSource(attribute) === "config" ? inFile(path) : null;
    return found ? file.located(error, found.map(asIndex)) : error;
  };
}

/** A list's place in it is a number. */
function asIndex(key: PropertyKey): PropertyKey {
  return typeof key === "string" && /^\d+$/.test(key) ? Number(key) : key;
}

/** What the schemas of the base and of all parts do not take, of flags with these values in place of theirs. */
function issuesWith(
  program: Command,
  given: ReadonlyMap<string, { readonly value: unknown }>,
  parts: readonly ListedPart[],
): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  const values = Object.fromEntries([...given].map(([attribute, { value }]) => [attribute, value]));
  const options = { ...commonDefaults, ...program.opts(), ...values };
  const base = baseSchema.safeParse(options).error?.issues ?? [];
  const named = partsSchema(parts).safeParse(options).error?.issues ?? [];
  return [...named, ...base, ...parts.flatMap((part) => part.issues(options))];
}

function configured(
  program: Command,
  env: NodeJS.ProcessEnv,
  parts: readonly ListedPart[],
): Omit<ControllerConfig, "file"> {
  const options = program.opts<Readonly<Record<string, unknown>>>();
  const names = parseWith(partsSchema(parts), options, "flags").parts;
  const chosen = parts.filter(({ name }) => names.includes(name));
  const base = parseWith(baseSchema, { ...defaultsFor(chosen, env), ...options }, "flags");
  checkDashboard(base);
  // The flags of a part that does not run are checked as well: a mistake in them is still a mistake.
  const all = parts.map((part) => part.configure(options)).filter(({ name }) => names.includes(name));
  const agentsAt = base.agentAddress ?? (chosen.some((part) => part.needsAgents) ? defaultAgentAddress : undefined);
  if (agentsAt !== undefined) checkAgentSecurity(agentsAt, base);
  for (const part of all) part.check(agentsAt !== undefined);
  const unread = chosen.flatMap((part) => part.unread?.(env, chosen.length === 1) ?? []);
  const live = [...liveBase, ...chosen.flatMap((part) => part.live)];
  return { ...base, parts: names, configured: all, agentsAt, live, unread };
}

function partsSchema(parts: readonly ListedPart[]): z.ZodType<{ readonly parts: readonly string[] }> {
  return z.object({ parts: z.array(z.enum(parts.map(({ name }) => name))).min(1) });
}

/** A part by itself is a drop-in: the prototype's port and its variable, its plain log, and a Lease of its own. */
function defaultsFor(chosen: readonly ListedPart[], env: NodeJS.ProcessEnv): object {
  const [first, ...others] = chosen;
  if (first === undefined || others.length > 0) return commonDefaults;
  const { opsPortVariable, ...defaults }: AloneDefaults = first.alone;
  const opsPort = opsPortVariable === undefined ? undefined : portFrom(env, opsPortVariable);
  return { ...defaults, ...(opsPort !== undefined && { opsPort }) };
}

/** @throws FieldError naming the file */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt("flags.config", file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

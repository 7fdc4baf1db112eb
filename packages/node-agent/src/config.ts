import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { describeError, errorAt, logLevels, parseDuration } from "@walras/kit";
import * as z from "zod/mini";

import { nodeBusyChoices } from "./procfs/nodeScope.ts";

const text = z.string().check(z.minLength(1));
const file = z.optional(text);

/** The small zod: the whole one costs the agent 9 MiB on every node. */
const configSchema = z.object({
  controller: text,
  nodeName: text,
  cgroupRoot: z._default(text, "/sys/fs/cgroup"),
  procRoot: z._default(text, "/proc"),
  podResources: z._default(text, "/var/lib/kubelet/pod-resources/kubelet.sock"),
  nodeBusy: z._default(z.enum(nodeBusyChoices), "auto"),
  intervalMs: z._default(z.coerce.number().check(z.int(), z.gte(100), z.lte(60_000)), 1_000),
  /** A path, or a name on the path; "none": no GPU is looked for. */
  nvidiaSmi: z._default(text, "nvidia-smi"),
  gpuInterval: z._default(text, "5s"),
  tokenFile: file,
  caFile: file,
  certFile: file,
  keyFile: file,
  tlsServerName: file,
  insecure: z._default(z.stringbool(), false),
  logLevel: z._default(z.enum(logLevels), "info"),
});

/** Everything the agent can be told. */
export type AgentConfig = Readonly<z.infer<typeof configSchema>>;

const flagOnly = "insecure";
const fields = Object.keys(configSchema.def.shape);
/** "node-name" and all others. */
export const flagNames: readonly string[] = fields.map(flagName);

/**
 * The configuration: flags, then the environment (--token-file is
 * WALRAS_TOKEN_FILE; the node's name is NODE_NAME too), then defaults.
 *
 * @throws FieldError naming the flag and its value
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): AgentConfig {
  const flags = parseFlags(argv);
  const input: Record<string, string> = {};
  for (const field of fields) {
    const value =
      flags[flagName(field)] ?? env[envName(field)] ?? (field === "nodeName" ? env["NODE_NAME"] : undefined);
    if (value !== undefined) input[field] = String(value);
  }
  const config = parse(input);
  checkSecurity(config);
  gpuIntervalMs(config);
  return config;
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const options: ParseArgsOptionsConfig = {};
  for (const field of fields) options[flagName(field)] = { type: field === flagOnly ? "boolean" : "string" };
  try {
    const { values } = parseArgs({ args: [...argv], options });
    return values as Readonly<Record<string, string | boolean | undefined>>;
  } catch (error) {
    throw errorAt("flags", argv.join(" "), `cannot be understood (${describeError(error)})`);
  }
}

function parse(input: Readonly<Record<string, string>>): AgentConfig {
  const result = configSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = String(issue?.path[0]);
  throw errorAt(`flags.${field}`, input[field], `is not valid (${issue?.code ?? "unknown"})`);
}

/** Without TLS anybody on the way could be the controller; only loopback may do without. */
function checkSecurity({ insecure, controller, caFile, certFile, keyFile }: AgentConfig): void {
  if (insecure && !isLoopback(controller)) {
    throw errorAt("flags.insecure", controller, "is not on this machine, so that TLS is needed");
  }
  if (insecure && caFile !== undefined) throw errorAt("flags.caFile", caFile, "has no use with --insecure");
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw errorAt("flags.keyFile", keyFile, "goes with --cert-file");
  }
}

/** @throws FieldError where it is no duration, or one that nvidia-smi is not to be asked at */
export function gpuIntervalMs({ gpuInterval }: AgentConfig): number {
  const intervalMs = parseDuration(gpuInterval, "flags.gpuInterval");
  if (intervalMs < 500 || intervalMs > 60_000) throw errorAt("flags.gpuInterval", gpuInterval, "is not in 500ms to 1m");
  return Math.round(intervalMs);
}

const loopbackAddress = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/;

/** Whether every address of a gRPC target is on this machine. */
export function isLoopback(target: string): boolean {
  const addresses = target.replace(/^(?:dns:(?:\/\/\/)?|ipv4:|ipv6:)/, "").split(",");
  return addresses.every((address) => loopbackAddress.test(address));
}

function flagName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function envName(field: string): string {
  return `WALRAS_${flagName(field).replaceAll("-", "_").toUpperCase()}`;
}

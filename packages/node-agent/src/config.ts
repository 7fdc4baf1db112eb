import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { describeError, errorAt, logLevels, parseWith } from "@walras/kit";
import { z } from "zod";

import { nodeBusyChoices } from "./procfs/nodeScope.ts";

const file = z.string().min(1).optional();

const configSchema = z
  .object({
    controller: z.string().min(1),
    nodeName: z.string().min(1),
    cgroupRoot: z.string().min(1).default("/sys/fs/cgroup"),
    procRoot: z.string().min(1).default("/proc"),
    nodeBusy: z.enum(nodeBusyChoices).default("auto"),
    intervalMs: z.coerce.number().int().min(100).max(60_000).default(1_000),
    tokenFile: file,
    caFile: file,
    certFile: file,
    keyFile: file,
    tlsServerName: z.string().min(1).optional(),
    insecure: z.stringbool().default(false),
    logLevel: z.enum(logLevels).default("info"),
  })
  .readonly();

/** Everything the agent can be told. */
export type AgentConfig = z.infer<typeof configSchema>;

const fields = [
  "controller",
  "nodeName",
  "cgroupRoot",
  "procRoot",
  "nodeBusy",
  "intervalMs",
  "tokenFile",
  "caFile",
  "certFile",
  "keyFile",
  "tlsServerName",
  "logLevel",
] as const satisfies readonly (keyof AgentConfig)[];

/**
 * The configuration: flags, then the environment (--token-file is
 * WALRAS_TOKEN_FILE; the node's name is NODE_NAME too), then defaults.
 *
 * @throws FieldError naming the flag and its value
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): AgentConfig {
  const flags = parseFlags(argv);
  const input = Object.fromEntries(
    [...fields, "insecure"].flatMap((field) => {
      const value =
        flags[flagName(field)] ?? env[envName(field)] ?? (field === "nodeName" ? env["NODE_NAME"] : undefined);
      return value === undefined ? [] : [[field, String(value)]];
    }),
  );
  const config = parseWith(configSchema, input, "flags");
  checkSecurity(config);
  return config;
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const options: ParseArgsOptionsConfig = { insecure: { type: "boolean" } };
  for (const field of fields) options[flagName(field)] = { type: "string" };
  try {
    const { values } = parseArgs({ args: [...argv], options });
    return values as Readonly<Record<string, string | boolean | undefined>>;
  } catch (cause) {
    throw errorAt("flags", argv.join(" "), `cannot be understood (${describeError(cause)})`);
  }
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

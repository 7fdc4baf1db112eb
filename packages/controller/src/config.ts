import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import { marketModes } from "@walras/api";
import { errorAt, logLevels, parseWith } from "@walras/kit";
import { Command, Option } from "commander";
import { z } from "zod";

import { defaultMarketPolicy, type MarketPolicy } from "./market/policy.ts";

const fraction = z.coerce.number().min(0).max(0.9);
const count = z.coerce.number().int().positive();

const configSchema = z
  .object({
    kubeconfig: z.string().optional(),
    mode: z.enum(marketModes),
    reserve: fraction,
    namespace: z.string().min(1),
    identity: z.string().min(1),
    leaseName: z.string().min(1),
    agentAddress: z.string().min(1),
    agentAuth: z.enum(["token", "certificate", "none"]),
    agentServiceAccount: z.string().min(1),
    agentAudience: z.string().min(1),
    agentIntervalMs: count.max(60_000),
    tlsCert: z.string().optional(),
    tlsKey: z.string().optional(),
    tlsClientCa: z.string().optional(),
    opsHost: z.string().min(1),
    opsPort: z.coerce.number().int().min(0).max(65_535),
    writesPerSecond: count,
    writeBurst: count,
    logLevel: z.enum(logLevels),
  })
  .readonly();

/** Everything the controller can be told. */
export type ControllerConfig = z.infer<typeof configSchema>;

/**
 * The configuration from the command line.
 *
 * @throws FieldError naming the flag and its value
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): ControllerConfig {
  const program = command(env).exitOverride();
  program.parse(argv, { from: "user" });
  const config = parseWith(configSchema, program.opts(), "flags");
  checkAgentSecurity(config);
  return config;
}

/** The market's policy as configured. */
export function policyOf(config: ControllerConfig): MarketPolicy {
  return { ...defaultMarketPolicy, reserveFraction: config.reserve };
}

function command(env: NodeJS.ProcessEnv): Command {
  const identity = env["POD_NAME"] ?? `${hostname()}-${process.pid}`;
  return new Command("walras-controller")
    .description("Decides each second how much CPU each pod gets, and applies it in place")
    .option("--kubeconfig <file>", "how to reach the API server; in a pod its service account")
    .addOption(new Option("--mode <mode>", "how far to go at most").choices(marketModes).default("recommend"))
    .option(
      "--reserve <fraction>",
      "share of each node's allocatable that is never given away",
      String(defaultMarketPolicy.reserveFraction),
    )
    .option("--namespace <name>", "where the Lease is", env["POD_NAMESPACE"] ?? "walras-system")
    .option("--identity <name>", "of this controller, in the Lease", identity)
    .option("--lease-name <name>", "of the Lease", "walras-controller")
    .option("--agent-address <host:port>", "where agents connect", "0.0.0.0:8443")
    .addOption(
      new Option("--agent-auth <how>", "how an agent proves its node")
        .choices(["token", "certificate", "none"])
        .default("token"),
    )
    .option("--agent-service-account <name>", "whose tokens are agents'", "walras-agent")
    .option("--agent-audience <name>", "the audience of agents' tokens", "walras-controller")
    .option("--agent-interval-ms <ms>", "how often agents report", "1000")
    .option("--tls-cert <file>", "certificate of the agents' port (PEM)")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--tls-client-ca <file>", "authority of agents' certificates (PEM)")
    .option("--ops-host <host>", "where /metrics, /healthz and /readyz listen", "0.0.0.0")
    .option("--ops-port <port>", "0: any", "9090")
    .option("--writes-per-second <n>", "budget of writes to the API server", "200")
    .option("--write-burst <n>", "writes at once", "400")
    .addOption(new Option("--log-level <level>").choices(logLevels).default("info"));
}

/** Without TLS anybody on the network could speak for a node; only loopback may do without. */
function checkAgentSecurity({ agentAddress, tlsCert, tlsKey, tlsClientCa, agentAuth }: ControllerConfig): void {
  const loopback = /^(127\.|localhost:|\[::1\]:)/.test(agentAddress);
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw errorAt("flags.tlsKey", tlsKey, "goes with --tls-cert");
  if (tlsCert === undefined && !loopback)
    throw errorAt("flags.tlsCert", tlsCert, `is needed to listen on ${agentAddress}`);
  if (agentAuth === "none" && !loopback)
    throw errorAt("flags.agentAuth", agentAuth, `is for loopback only, not ${agentAddress}`);
  if (agentAuth === "certificate" && tlsClientCa === undefined) {
    throw errorAt("flags.tlsClientCa", tlsClientCa, "is needed to check agents' certificates");
  }
}

/** A PEM file named by a flag. @throws FieldError naming the flag and the file */
export function readPem(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw errorAt(flag, file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

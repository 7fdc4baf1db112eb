import { hostname } from "node:os";

import { errorAt, logFormats, logLevels } from "@walras/kit";
import { type Command, Option } from "commander";
import { z } from "zod";

import { addDashboardFlags, dashboardFlags } from "./dashboardFlags.ts";

const count = z.coerce.number().int().positive();
const objectName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "expected the name of an object");

/** Where the certificate of the agents' port is from. */
const tlsIssues = ["files", "self"] as const;

/** What every controller is told, whichever parts it runs. */
export const baseSchema = z
  .object({
    config: z.string().min(1).optional(),
    kubeconfig: z.string().optional(),
    namespace: z.string().min(1),
    identity: z.string().min(1),
    leaseName: z.string().min(1),
    agentAddress: z.string().min(1).optional(),
    agentAuth: z.enum(["token", "certificate", "none"]),
    agentServiceAccount: z.string().min(1),
    agentAudience: z.string().min(1),
    agentIntervalMs: count.max(60_000),
    tlsIssue: z.enum(tlsIssues),
    tlsSecret: objectName,
    tlsAuthority: objectName,
    tlsHosts: z
      .array(z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "expected a DNS name"))
      .min(1)
      .optional(),
    tlsCert: z.string().optional(),
    tlsKey: z.string().optional(),
    tlsCa: z.string().optional(),
    tlsClientCa: z.string().optional(),
    opsHost: z.string().min(1),
    opsPort: z.coerce.number().int().min(0).max(65_535),
    writesPerSecond: count,
    writeBurst: count,
    historyFolder: z.string().min(1).optional(),
    historyMib: count.max(4096),
    ...dashboardFlags,
    logLevel: z.enum(logLevels),
    logFormat: z.enum(logFormats),
  })
  .readonly();

export type BaseConfig = z.infer<typeof baseSchema>;

/** What of it is taken while the controller runs. */
export const liveBase: readonly (keyof BaseConfig)[] = ["logLevel"];

/** Defaults that a part may have otherwise where it runs by itself. */
export interface AloneDefaults {
  readonly opsPort: number;
  /** The variable that says otherwise. */
  readonly opsPortVariable?: string;
  readonly logFormat: BaseConfig["logFormat"];
  readonly leaseName: string;
}

export const commonDefaults: AloneDefaults = { opsPort: 9090, logFormat: "json", leaseName: "walras-controller" };

/** Where agents connect when a part needs them and nothing else is said. */
export const defaultAgentAddress = "0.0.0.0:8443";

/** The base's flags. What depends on the parts has no default here. */
export function addBaseFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  const identity = env["POD_NAME"] ?? `${hostname()}-${process.pid}`;
  program
    .option(
      "--config <file>",
      "YAML with the names of flags as keys, read again when it changes; a flag goes before it",
    )
    .option("--kubeconfig <file>", "how to reach the API server; in a pod its service account")
    .option(
      "--namespace <name>",
      "where the Lease is, and those in which CARLA keeps what must outlive its pod",
      env["POD_NAMESPACE"] ?? "walras-system",
    )
    .option("--identity <name>", "of this controller, in the Lease", identity)
    .option("--lease-name <name>", "of the Lease; walras-controller, or a part's own where it is alone");
  return addDashboardFlags(addOpsFlags(addAgentFlags(program)));
}

function addAgentFlags(program: Command): Command {
  return program
    .option("--agent-address <host:port>", `where agents connect; ${defaultAgentAddress} where a part needs agents`)
    .addOption(
      new Option("--agent-auth <how>", "how an agent proves its node")
        .choices(["token", "certificate", "none"])
        .default("token"),
    )
    .option("--agent-service-account <name>", "whose tokens are agents'", "walras-agent")
    .option("--agent-audience <name>", "the audience of agents' tokens", "walras-controller")
    .option("--agent-interval-ms <ms>", "how often agents report", "1000")
    .addOption(
      new Option("--tls-issue <from>", "certificate of the agents' port: from files, or made and renewed by the leader")
        .choices(tlsIssues)
        .default("files"),
    )
    .option("--tls-secret <name>", "where the leader keeps it, in --namespace", "walras-tls")
    .option("--tls-authority <name>", "ConfigMap that agents know it by, in --namespace", "walras-controller-ca")
    .option("--tls-hosts <names>", "DNS names in it; of the Service walras-controller where not given", separated)
    .option("--tls-cert <file>", "certificate of the agents' port (PEM), read again when it changes")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--tls-ca <file>", "its authority (PEM), which agents are told in --tls-authority; read again")
    .option("--tls-client-ca <file>", "authority of agents' certificates (PEM)");
}

function addOpsFlags(program: Command): Command {
  return program
    .option("--ops-host <host>", "where /metrics, /healthz, /readyz and the views listen", "0.0.0.0")
    .option(
      "--ops-port <port>",
      "0: any; 9090, or 8000 for --parts=carla, 8088 for --parts=batch, 8080 for --parts=gpu and --parts=intents",
    )
    .option("--writes-per-second <n>", "budget of writes to the API server", "200")
    .option("--write-burst <n>", "writes at once", "400")
    .option("--history-folder <folder>", "where decisions are kept over restarts; in memory where not given")
    .option("--history-mib <n>", "most mebibytes of them", "16")
    .addOption(new Option("--log-level <level>").choices(logLevels).default("info"))
    .addOption(new Option("--log-format <format>", "json; text for --parts=carla").choices(logFormats));
}

/**
 * Without TLS anybody on the network could speak for a node; only loopback may do without.
 *
 * @throws FieldError naming the flag and its value
 */
export function checkAgentSecurity(address: string, config: BaseConfig): void {
  const { tlsIssue, tlsCert, tlsClientCa, agentAuth } = config;
  const loopback = /^(127\.|localhost:|\[::1\]:)/.test(address);
  if (tlsIssue === "self") return checkSelfIssued(config);
  checkFiles(config);
  if (tlsCert === undefined && !loopback) throw errorAt("flags.tlsCert", tlsCert, `is needed to listen on ${address}`);
  if (agentAuth === "none" && !loopback)
    throw errorAt("flags.agentAuth", agentAuth, `is for loopback only, not ${address}`);
  if (agentAuth === "certificate" && tlsClientCa === undefined) {
    throw errorAt("flags.tlsClientCa", tlsClientCa, "is needed to check agents' certificates");
  }
}

function checkFiles({ tlsCert, tlsKey, tlsCa }: BaseConfig): void {
  if (tlsCa !== undefined && tlsCert === undefined) throw errorAt("flags.tlsCa", tlsCa, "goes with --tls-cert");
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw errorAt("flags.tlsKey", tlsKey, "goes with --tls-cert");
}

/** The authority signs for the controller alone, so that agents have their tokens to show. */
function checkSelfIssued({ agentAuth, ...files }: BaseConfig): void {
  for (const field of ["tlsCert", "tlsKey", "tlsCa"] as const)
    if (files[field] !== undefined) throw errorAt(`flags.${field}`, files[field], "has no use with --tls-issue=self");
  if (agentAuth !== "token") throw errorAt("flags.agentAuth", agentAuth, "is not token, which --tls-issue=self is for");
}

/** The port that a variable names. Kubernetes sets NAME_PORT to the address of a Service that is called NAME: that is none. */
export function portFrom(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const text = env[variable] ?? "";
  return text === "" || text.includes("://") ? undefined : text;
}

/** Names in a flag's or a variable's value, separated by commas. */
export function separated(names: string): string[] {
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** What is decided about where nothing is said. */
export const defaultParts: readonly string[] = ["market"];

/** Names of a flag that is given again and again: those of all its values, each once. The first takes the default's place. */
export function partNames(names: string, before: readonly string[] = defaultParts): string[] {
  return [...new Set([...(before === defaultParts ? [] : before), ...separated(names)])];
}

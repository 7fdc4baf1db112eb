import { readFileSync } from "node:fs";

import { marketModes } from "@walras/api";
import { errorAt, logFormats, logLevels, parseWith } from "@walras/kit";
import { z } from "zod";

import { command, partNames, type PartName } from "./flags.ts";
import { defaultMarketPolicy, type MarketPolicy } from "./market/policy.ts";

const fraction = z.coerce.number().min(0).max(0.9);
const count = z.coerce.number().int().positive();
const labelled = z.string().regex(/^[^=\s]+=[^=\s]*$/, "expected KEY=VALUE");

const configSchema = z
  .object({
    parts: z.array(z.enum(partNames)).min(1),
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
    carlaPolicy: z.string().min(1),
    carlaApps: z.string().min(1),
    carlaOverride: z.string().min(1),
    batchAddress: z.string().min(1),
    batchTlsCert: z.string().optional(),
    batchTlsKey: z.string().optional(),
    batchTlsClientCa: z.string().optional(),
    batchThreshold: z.coerce.number().gt(0).max(1),
    batchEligible: labelled,
    batchExclude: z.array(z.string()),
    batchTolerate: z.array(z.string()),
    batchPrometheus: z.url().optional(),
    batchController: z.url().optional(),
    batchNamespace: z.string().min(1).optional(),
    batchQueue: labelled,
    batchRank: z.boolean(),
    batchEvict: z.boolean(),
    batchEvictAfter: z.coerce.number().positive(),
    metricName: z.string().min(1),
    logLevel: z.enum(logLevels),
    logFormat: z.enum(logFormats),
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
  const options = program.opts<Readonly<Record<string, unknown>>>();
  const config = parseWith(configSchema, { ...defaultsFor(options["parts"]), ...options }, "flags");
  if (config.parts.includes("market")) checkAgentSecurity(config);
  if (config.parts.includes("batch")) checkBatch(config);
  return config;
}

/** Slots need CPU from somewhere: the market's agents, another controller's, or Prometheus. */
function checkBatch({ parts, batchPrometheus, batchController, batchTlsCert, batchTlsKey }: ControllerConfig): void {
  if (!parts.includes("market") && batchPrometheus === undefined && batchController === undefined) {
    throw errorAt(
      "flags.batchPrometheus",
      batchPrometheus,
      "is needed where no agents report (--parts without market), or --batch-controller",
    );
  }
  if ((batchTlsCert === undefined) !== (batchTlsKey === undefined)) {
    throw errorAt("flags.batchTlsKey", batchTlsKey, "goes with --batch-tls-cert");
  }
}

const commonDefaults = { opsPort: 9090, logFormat: "json", leaseName: "walras-controller" };

/** A part by itself is a drop-in: the prototype's port, its plain log, and a Lease of its own. */
const aloneDefaults: Readonly<Record<PartName, Readonly<Record<string, unknown>>>> = {
  market: commonDefaults,
  carla: { opsPort: 8000, logFormat: "text", leaseName: "carla-scheduler" },
  batch: { opsPort: 8088, logFormat: "json", leaseName: "posture-external-scaler" },
};

function defaultsFor(parts: unknown): Readonly<Record<string, unknown>> {
  const [first, ...others] = Array.isArray(parts) ? (parts as readonly PartName[]) : [];
  return (others.length === 0 && first !== undefined ? aloneDefaults[first] : undefined) ?? commonDefaults;
}

/** The market's policy as configured. */
export function policyOf(config: ControllerConfig): MarketPolicy {
  return { ...defaultMarketPolicy, reserveFraction: config.reserve };
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

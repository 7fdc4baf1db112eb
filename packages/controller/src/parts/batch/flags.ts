import { errorAt } from "@walras/kit";
import type { Command } from "commander";
import { z } from "zod";

import { portFrom, separated } from "../../base/config/flags.ts";

const labelled = z.string().regex(/^[^=\s]+=[^=\s]*$/, "expected KEY=VALUE");

export const schema = z.object({
  batchAddress: z.string().min(1),
  batchStreamSeconds: z.coerce.number().positive().max(3600),
  batchTlsCert: z.string().optional(),
  batchTlsKey: z.string().optional(),
  batchTlsClientCa: z.string().optional(),
  batchThreshold: z.coerce.number().gt(0).max(1),
  batchEligible: labelled,
  batchExclude: z.array(z.string()),
  batchTolerate: z.array(z.string()),
  batchPrometheus: z.url().optional(),
  batchPrometheusTokenFile: z.string().min(1).optional(),
  batchPrometheusCaFile: z.string().min(1).optional(),
  batchDemandHosts: z.array(z.string()),
  batchDemandBrokers: z.array(z.string()).optional(),
  batchController: z.url().optional(),
  batchNamespace: z.string().min(1).optional(),
  batchQueue: labelled,
  batchRank: z.boolean(),
  batchRankTake: z.boolean(),
  batchEvict: z.boolean(),
  batchEvictAfter: z.coerce.number().positive(),
  batchStrandedAfter: z.coerce.number().positive(),
  metricName: z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "expected the name of a metric"),
});

export type BatchFlags = z.infer<typeof schema>;

function addPortFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  return program
    .option("--batch-address <host:port>", "where KEDA asks", `0.0.0.0:${portFrom(env, "GRPC_PORT") ?? "8080"}`)
    .option(
      "--batch-stream-seconds <seconds>",
      "how often an open StreamIsActive looks for a change",
      env["STREAM_POLL_SECONDS"] || "5",
    )
    .option("--batch-tls-cert <file>", "certificate of that port (PEM), read again when it changes")
    .option("--batch-tls-key <file>", "its private key (PEM)")
    .option("--batch-tls-client-ca <file>", "authority of KEDA's certificate (PEM); asks for one")
    .option("--metric-name <name>", "of the number of free nodes", env["METRIC_NAME"] ?? "available_node_count_30s");
}

function addNodeFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  return program
    .option(
      "--batch-threshold <fraction>",
      "CPU over 30 s from which a node has no room",
      env["CPU_THRESHOLD"] ?? "0.70",
    )
    .option("--batch-eligible <key=value>", "label of nodes that take jobs", "posture/eligible=true")
    .option("--batch-exclude <names>", "nodes that never do", separated, separated(env["EXCLUDE_NODES"] ?? ""))
    .option("--batch-tolerate <keys>", "taints that the jobs tolerate: KEY or KEY=VALUE", separated, [])
    .option("--batch-prometheus <url>", "where CPU is read instead of from agents", env["PROM_URL"] || undefined)
    .option("--batch-prometheus-token-file <file>", "bearer token that it asks for, read for each query")
    .option("--batch-prometheus-ca-file <file>", "authority of its certificate (PEM), read for each query")
    .option(
      "--batch-demand-hosts <hosts>",
      "hosts of Prometheus, beside --batch-prometheus, that triggers may name",
      separated,
      [],
    )
    .option("--batch-demand-brokers <hosts>", "MQTT brokers that triggers may name; any where not given", separated)
    .option("--batch-controller <url>", "the controller whose agents' CPU is read", env["CONTROLLER_URL"] || undefined);
}

function addQueueFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  return program
    .option("--batch-namespace <name>", "where suspended Jobs are released", env["NAMESPACE"] || undefined)
    .option(
      "--batch-queue <key=value>",
      "label of suspended Jobs that are released without KEDA",
      env["JOB_SELECTOR"] || "app=posture-queued",
    )
    .option(
      "--batch-stranded-after <seconds>",
      "a job that no node takes for so long, though one has room, holds no slot",
      "60",
    )
    .option("--no-batch-rank", "leave posture/slot and posture/rank alone")
    .option("--batch-rank-take", "write these labels also where somebody else has set them", false)
    .option("--batch-evict", "evict the youngest job of a node that stays at or above the threshold", false)
    .option("--batch-evict-after <seconds>", "how long it must have been there without a break", "900");
}

/** Slots need CPU from somewhere: agents, another controller's agents, or Prometheus. */
export function check(
  { batchPrometheus, batchController, batchTlsCert, batchTlsKey, ...files }: BatchFlags,
  agents: boolean,
): void {
  for (const field of ["batchPrometheusTokenFile", "batchPrometheusCaFile"] as const) {
    if (files[field] !== undefined && batchPrometheus === undefined)
      throw errorAt(`flags.${field}`, files[field], "goes with --batch-prometheus");
  }
  if (!agents && batchPrometheus === undefined && batchController === undefined) {
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

export function addFlags(program: Command, env: NodeJS.ProcessEnv): Command {
  return addQueueFlags(addNodeFlags(addPortFlags(program, env), env), env);
}

/** The prototype's variables that name what there is no more, and why. */
const gone: Readonly<Record<string, string>> = {
  ALLOWED_URL: "slots are counted in this process, and nobody is asked how many jobs are allowed",
  POLL_SECONDS: "nodes are ranked and jobs released as their CPU changes",
  CONTROLLER_PORT: "the ranker has no port of its own: /last is on the same port as /allowed",
};

/** @param alone no other part runs here @returns a sentence for each variable that is set and not read */
export function unread(env: NodeJS.ProcessEnv, alone: boolean): readonly string[] {
  const isSet = (name: string): boolean => portFrom(env, name) !== undefined || /^https?:/.test(env[name] ?? "");
  const reasons = {
    ...gone,
    ...(env["PROM_URL"] && { CONTROLLER_URL: "CPU is read from Prometheus, since PROM_URL is set as well" }),
    ...(alone ? {} : { HTTP_PORT: "other parts run here as well, and --ops-port says where" }),
  };
  return Object.entries(reasons)
    .filter(([name]) => isSet(name))
    .map(([name, reason]) => `${name} is set and not read: ${reason}`);
}

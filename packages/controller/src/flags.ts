import { hostname } from "node:os";

import { marketModes } from "@walras/api";
import { logFormats, logLevels } from "@walras/kit";
import { Command, Option } from "commander";

import { defaultMarketPolicy } from "./market/policy.ts";

/** What one controller can decide about. */
export const partNames = ["market", "carla", "batch"] as const;
export type PartName = (typeof partNames)[number];

/** Every flag of the controller, with its default. What depends on the parts has none here. */
export function command(env: NodeJS.ProcessEnv): Command {
  const identity = env["POD_NAME"] ?? `${hostname()}-${process.pid}`;
  const program = new Command("walras-controller")
    .description("Divides CPU among pods, releases applications, starts batch jobs")
    .option("--parts <names>", `what to decide about: ${partNames.join(", ")}`, separated, ["market"])
    .option("--kubeconfig <file>", "how to reach the API server; in a pod its service account")
    .addOption(new Option("--mode <mode>", "how far to go at most").choices(marketModes).default("recommend"))
    .option(
      "--reserve <fraction>",
      "share of each node's allocatable that is never given away",
      String(defaultMarketPolicy.reserveFraction),
    )
    .option("--namespace <name>", "where the Lease is", env["POD_NAMESPACE"] ?? "walras-system")
    .option("--identity <name>", "of this controller, in the Lease", identity)
    .option("--lease-name <name>", "of the Lease; walras-controller, or a part's own where it is alone")
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
    .option("--ops-port <port>", "0: any; 9090, or 8000 for --parts=carla, 8088 for --parts=batch")
    .option("--writes-per-second <n>", "budget of writes to the API server", "200")
    .option("--write-burst <n>", "writes at once", "400");
  return batchOptions(carlaOptions(program, env), env)
    .addOption(new Option("--log-level <level>").choices(logLevels).default("info"))
    .addOption(new Option("--log-format <format>", "json; text for --parts=carla").choices(logFormats));
}

function carlaOptions(program: Command, env: NodeJS.ProcessEnv): Command {
  const folder = "/app/configs";
  return program
    .option(
      "--carla-policy <file>",
      "when and how much to release",
      env["CARLA_POLICY"] ?? `${folder}/carla_policy.yaml`,
    )
    .option("--carla-apps <file>", "what to release", env["CARLA_APPS"] ?? `${folder}/apps.yaml`)
    .option(
      "--carla-override <file>",
      "approves every high-risk release while it says so",
      env["CARLA_OVERRIDE"] ?? `${folder}/override.yaml`,
    );
}

function batchOptions(program: Command, env: NodeJS.ProcessEnv): Command {
  return program
    .option("--batch-address <host:port>", "where KEDA asks", `0.0.0.0:${env["GRPC_PORT"] ?? "8080"}`)
    .option("--batch-tls-cert <file>", "certificate of that port (PEM), read again when it changes")
    .option("--batch-tls-key <file>", "its private key (PEM)")
    .option("--batch-tls-client-ca <file>", "authority of KEDA's certificate (PEM); asks for one")
    .option(
      "--batch-threshold <fraction>",
      "CPU over 30 s from which a node has no room",
      env["CPU_THRESHOLD"] ?? "0.70",
    )
    .option("--batch-eligible <key=value>", "label of nodes that take jobs", "posture/eligible=true")
    .option("--batch-exclude <names>", "nodes that never do", separated, separated(env["EXCLUDE_NODES"] ?? ""))
    .option("--batch-tolerate <keys>", "taints that the jobs tolerate: KEY or KEY=VALUE", separated, [])
    .option("--batch-prometheus <url>", "where CPU is read instead of from agents", env["PROM_URL"] || undefined)
    .option("--batch-controller <url>", "the controller whose agents' CPU is read", env["CONTROLLER_URL"] || undefined)
    .option("--batch-namespace <name>", "where suspended Jobs are released", env["NAMESPACE"] || undefined)
    .option("--batch-queue <key=value>", "label of suspended Jobs that are released without KEDA", "app=posture-queued")
    .option("--no-batch-rank", "leave posture/slot and posture/rank alone")
    .option("--batch-evict", "evict the youngest job of a node that stays at or above the threshold", false)
    .option("--batch-evict-after <seconds>", "how long it must have been there without a break", "900")
    .option("--metric-name <name>", "of the number of free nodes", env["METRIC_NAME"] ?? "available_node_count_30s");
}

function separated(names: string): string[] {
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

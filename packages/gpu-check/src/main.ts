// gpu-scheduler-check: in each pod of a StatefulSet it tells which GPUs the pod sees; with --collect it asks all of them
// and holds their answers against the scheduling map.
import { readFile } from "node:fs/promises";

import {
  createLogger,
  describeError,
  Lifecycle,
  type Logger,
  type Runnable,
  shutdownSignal,
  systemClock,
} from "@walras/kit";

import { podsAt } from "./collect/ask.ts";
import { Collector } from "./collect/collector.ts";
import { lines } from "./collect/page.ts";
import { type Cluster, noCluster } from "./collect/cluster.ts";
import { readMap } from "./collect/readMap.ts";
import { judgeOnce, type Sources } from "./collect/round.ts";
import { type CollectConfig, type ProbeConfig, readConfig } from "./config.ts";
import { Probe } from "./probe.ts";
import { WebServer } from "./server.ts";
import { thisMachine } from "./sight/machine.ts";

const name = "gpu-scheduler-check";
const clock = systemClock;
const signalled = shutdownSignal();

function probe({ identity, everyMs, port }: ProbeConfig, logger: Logger): readonly Runnable[] {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const machine = thisMachine(process.env["NVIDIA_SMI"]);
  const pod = new Probe({ identity, machine, everyMs, clock, logger, write });
  return [pod, new WebServer("", port, pod.routes(), logger)];
}

async function sourcesOf({ map, pods, nodes, kubeconfig, object }: CollectConfig): Promise<Sources> {
  return {
    map: async () => readMap(await readFile(map, "utf8"), map),
    cluster: nodes === "names" ? noCluster : await clusterOf(kubeconfig, object),
    pods: podsAt(pods),
  };
}

/** The cluster's client is loaded only by who asks a cluster: pods of the check never do. */
async function clusterOf(kubeconfig: string | undefined, object: CollectConfig["object"]): Promise<Cluster> {
  const { kubeCluster } = await import("./collect/kubeCluster.ts");
  return await kubeCluster(kubeconfig, object);
}

async function main(): Promise<number> {
  const config = readConfig(process.argv.slice(2), process.env);
  const logger = createLogger(name, config.logLevel);
  if (!config.collect) return await run(probe(config, logger), logger);
  const sources = await sourcesOf(config);
  if (config.once) return await judge(sources, config.json);
  const collector = new Collector({ sources, everyMs: config.everyMs, clock, logger });
  return await run([new WebServer("", config.port, collector.routes(), logger), collector], logger);
}

async function judge(sources: Sources, asJson: boolean): Promise<number> {
  const report = await judgeOnce(sources, new AbortController().signal);
  process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : lines(report));
  return report.green ? 0 : 1;
}

async function run(parts: readonly Runnable[], logger: Logger): Promise<number> {
  const lifecycle = new Lifecycle(parts, logger);
  await lifecycle.start();
  await signalled;
  await lifecycle.stop();
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${name}: ${describeError(error)}\n`);
    // 1 is a verdict; this is none.
    process.exit(2);
  },
);

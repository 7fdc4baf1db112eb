// The real controller, as a process of its own, on embedded clusters of growing
// size: what it costs, and how long a demand step waits for its resize.
import { join } from "node:path";

import { type Clock, silentLogger, systemClock, systemRng } from "@walras/kit";
import { type BenchRow, percentile, publishBench } from "@walras/kit/bench";
import { AgentConnection, GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";

import { SimCluster } from "../src/cluster/index.ts";
import { ControllerProcess } from "./controllerProcess.ts";
import { scaleScenario, StepWatch } from "./scaleScenario.ts";

const sizes = [50, 200, 500] as const;
const podsPerNode = 30;
/** Pods start and limits settle before the steps begin; more pods take longer, for writes have a budget. */
const settleSecondsOf = (nodes: number): number => 30 + 0.3 * nodes;
const stepSeconds = 30;
const drainMs = 5_000;
/** The simulated machines move by the periods of their kernels. */
const modelStepMs = 100;

interface Result {
  readonly row: BenchRow;
  readonly p99StallMs: number;
  readonly rssMiB: number;
  readonly latestMs: number;
  readonly undecided: number;
  readonly cpuShare: number;
}

async function measure(nodes: number): Promise<Result> {
  const settleSeconds = settleSecondsOf(nodes);
  const scenario = scaleScenario({ nodes, podsPerNode, settleSeconds, stepSeconds });
  const cluster = new SimCluster({ scenario, clock: systemClock, stepMs: modelStepMs });
  await cluster.start();
  const startedMs = systemClock.monotonicMs() - cluster.truth().elapsedMs;
  const steps = new StepWatch(cluster.api, startedMs);
  const { url, close } = await cluster.api.listen(0);
  const controller = await ControllerProcess.start(url);
  const agents = cluster.nodes.map(({ facts }) => agentOf(cluster, facts.name, facts.bootId, controller.agentPort));
  try {
    for (const agent of agents) agent.start();
    await controller.watch(startedMs + settleSeconds * 1000 - systemClock.monotonicMs());
    const calm = controller.takeUsage();
    await controller.watch(stepSeconds * 1000 + drainMs);
    return summarise(nodes, controller, steps, calm);
  } finally {
    for (const agent of agents) agent.stop();
    await controller.stop();
    await close();
    await cluster.stop();
  }
}

function agentOf(cluster: SimCluster, nodeName: string, bootId: string, port: number): AgentConnection {
  return new AgentConnection({
    dialer: new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security: { insecure: true } }),
    sampler: cluster.samplerOf(nodeName),
    hello: {
      nodeName,
      bootId,
      agentVersion: "scale",
      cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
      pressureAvailable: true,
    },
    intervalMs: 1_000,
    clock: ownClock(systemRng() * 1_000),
    rng: systemRng,
    logger: silentLogger,
  });
}

/** Nodes boot at different moments, so that their seconds begin at different moments too. */
function ownClock(aheadMs: number): Clock {
  return { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
}

function summarise(
  nodes: number,
  controller: ControllerProcess,
  steps: StepWatch,
  calm: { cpuSeconds: number; seconds: number },
): Result {
  const usage = controller.takeUsage();
  const { delaysMs, undecided } = steps.result();
  const cpuShare = usage.cpuSeconds / usage.seconds;
  const p99StallMs = percentile(usage.stallsMs, 0.99);
  const seconds = (p: number): string => (percentile(delaysMs, p) / 1000).toFixed(2);
  const row = {
    nodes,
    pods: nodes * podsPerNode,
    "CPU %": (cpuShare * 100).toFixed(1),
    "settling CPU %": ((calm.cpuSeconds / calm.seconds) * 100).toFixed(1),
    "RSS MiB": usage.rssMiB.toFixed(0),
    "loop p99 ms": p99StallMs.toFixed(1),
    steps: delaysMs.length + undecided,
    undecided,
    "decided p50 s": seconds(0.5),
    "p99 s": seconds(0.99),
    "max s": seconds(1),
    "resizes/s": (usage.resizes / usage.seconds).toFixed(1),
  };
  return { row, p99StallMs, rssMiB: usage.rssMiB, latestMs: percentile(delaysMs, 1), undecided, cpuShare };
}

const wanted = process.argv.slice(2).map(Number);
const results: Result[] = [];
for (const nodes of wanted.length > 0 ? wanted : sizes) results.push(await measure(nodes));
const first = results[0];
const last = results.at(-1);
publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "scale",
  command: "pnpm bench scale",
  rows: results.map(({ row }) => row),
  ratios: {
    undecided: results.reduce((sum, { undecided }) => sum + undecided, 0),
    latestAgainstGoal: (last?.latestMs ?? NaN) / 1200,
    stallAgainstGoal: (last?.p99StallMs ?? NaN) / 50,
    rssAgainstGoal: (last?.rssMiB ?? NaN) / 400,
    cpuGrowth: (last?.cpuShare ?? NaN) / (first?.cpuShare ?? NaN),
  },
});

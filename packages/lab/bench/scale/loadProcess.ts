// The load of a scale run, apart from what is measured: an API server, its kubelets, and the agents of all nodes.
import { monitorEventLoopDelay } from "node:perf_hooks";

import { type Clock, seededRng, silentLogger, systemClock } from "@walras/kit";
import { AgentConnection, GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";
import { SimCluster, type SimNode } from "@walras/sim";

import { DemandSampler, type Surroundings } from "./demandSampler.ts";
import type { FromLoad, ToLoad } from "./messages.ts";
import { demandOf, type ScaleOptions, scaleScenario } from "./scenario.ts";
import { StepWatch } from "./stepWatch.ts";

/** Machines stand still: what their containers use is told by a formula. */
const never = 24 * 3_600_000;

const rng = seededRng(1);
const options = JSON.parse(process.argv[2] ?? "") as ScaleOptions;
const cluster = new SimCluster({ scenario: scaleScenario(options), clock: systemClock, stepMs: never });
await cluster.start();
makeOwners();
const { url } = await cluster.api.listen(0);
const pods = [...cluster.api.store.all("pods")];
const demands = new Map(pods.map(({ metadata: { uid, name } }) => [uid ?? "", demandOf(name)]));

let steppingSinceMs = Infinity;
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();
const elapsedMs = (): number => systemClock.monotonicMs() - steppingSinceMs;
const watch = new StepWatch(cluster.api, elapsedMs);
process.on("message", (message: ToLoad) => {
  if ("agentPort" in message) startAgents(message.agentPort);
  else if ("step" in message) beginSteps();
  else {
    if ("collect" in message) globalThis.gc?.();
    tell({ resizes: watch.resizes, stallMs: lag.max / 1e6, ...watch.delays() });
  }
});
tell({ url });

function beginSteps(): void {
  steppingSinceMs = systemClock.monotonicMs();
  lag.reset();
}

/** Ten pods of a workload, as a ReplicaSet's controller would have made them. */
function makeOwners(): void {
  [...cluster.api.store.all("pods")].forEach((pod, index) => {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: `service-${Math.floor(index / 10)}` };
    const ownerReferences = [{ ...owner, uid: owner.name, controller: true }];
    cluster.api.store.put("pods", { ...pod, metadata: { ...pod.metadata, ownerReferences } });
  });
}

function startAgents(port: number): void {
  const around = { elapsedMs, demands, rng, clock: systemClock };
  for (const node of cluster.nodes) agentOf(node, port, around).start();
}

function agentOf(node: SimNode, port: number, around: Surroundings): AgentConnection {
  const { name: nodeName, bootId } = node.facts;
  const cgroupVersion = CgroupVersion.CGROUP_VERSION_V2;
  return new AgentConnection({
    dialer: new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security: { insecure: true } }),
    sampler: new DemandSampler(node, around),
    hello: { nodeName, bootId, agentVersion: "scale", cgroupVersion, pressureAvailable: true },
    intervalMs: 1_000,
    clock: ownClock(rng() * 1_000),
    rng,
    logger: silentLogger,
  });
}

/** Nodes boot at different moments, so that their seconds begin at different moments too. */
function ownClock(aheadMs: number): Clock {
  return { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
}

function tell(message: FromLoad): void {
  process.send?.(message);
}

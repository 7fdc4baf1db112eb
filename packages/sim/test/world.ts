import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readConfig } from "@walras/controller/config";
import { wire } from "@walras/controller/wire";
import { Lifecycle, silentLogger, systemClock, systemRng } from "@walras/kit";
import { AgentConnection, GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";

import type { KubeObject } from "../src/apiserver/index.ts";
import { kubeconfigFor } from "../src/cluster/kubeconfig.ts";
import { type ClusterTruth, SimCluster } from "../src/cluster/index.ts";
import { scenarioSchema } from "../src/scenario/index.ts";

/** The whole controller and an agent a node on an embedded cluster, in this process. */
export interface World {
  readonly cluster: SimCluster;
  readonly agentPort: number;
  /** The pod's container as it truly is. */
  container(pod: string): ClusterTruth["nodes"][number]["containers"][number] | undefined;
  allocation(pod: string): KubeObject | undefined;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** @param without nodes whose agent is left to the test */
export async function startWorld(input: object, without: readonly string[] = []): Promise<World> {
  const cluster = new SimCluster({ scenario: scenarioSchema.parse(input), clock: systemClock });
  await cluster.start();
  const { url, close } = await cluster.api.listen(0);
  const folder = mkdtempSync(join(tmpdir(), "walras-world-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigFor(url));
  const flags = [
    "--mode=full",
    "--agent-auth=none",
    "--agent-address=127.0.0.1:0",
    "--ops-host=127.0.0.1",
    "--ops-port=0",
  ];
  const config = readConfig([`--kubeconfig=${kubeconfig}`, ...flags], {});
  const controller = await wire(config, {
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
    onLost: () => undefined,
  });
  const parts = new Lifecycle(controller.parts, silentLogger);
  await parts.start();
  const measured = cluster.nodes.filter(({ facts }) => !without.includes(facts.name));
  const connections = measured.map(({ facts }) => agentOf(cluster, facts, controller.agentPort()));
  for (const agent of connections) agent.start();
  return {
    cluster,
    agentPort: controller.agentPort(),
    container: (pod) =>
      cluster
        .truth()
        .nodes.flatMap(({ containers }) => containers)
        .find((one) => one.pod === pod),
    allocation: (pod) => cluster.api.store.get("podallocations.allocation.mbcas.io", "default", `default-${pod}`),
    metrics: async () => (await fetch(`http://127.0.0.1:${controller.opsPort()}/metrics`)).text(),
    stop: async () => {
      for (const agent of connections) agent.stop();
      await parts.stop();
      await close();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function agentOf(cluster: SimCluster, facts: { name: string; bootId: string }, port: number): AgentConnection {
  const version = CgroupVersion.CGROUP_VERSION_V2;
  return new AgentConnection({
    dialer: new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security: { insecure: true } }),
    sampler: cluster.samplerOf(facts.name),
    hello: {
      nodeName: facts.name,
      bootId: facts.bootId,
      agentVersion: "test",
      cgroupVersion: version,
      pressureAvailable: true,
    },
    intervalMs: 1_000,
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
  });
}

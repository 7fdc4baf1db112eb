import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { agentOf } from "./agent.ts";
import { readConfig } from "../src/config.ts";
import { wire } from "../src/wire.ts";
import { Lifecycle, silentLogger, systemClock, systemRng } from "@walras/kit";
import { type ClusterTruth, scenarioSchema, SimCluster, writeKubeconfig } from "@walras/sim";
import type { KubeObject } from "@walras/sim/apiserver";

/** The whole controller and an agent a node on an embedded cluster, in this process. */
export interface World {
  readonly cluster: SimCluster;
  readonly agentPort: number;
  readonly opsUrl: string;
  /** undefined: none is served. */
  readonly dashboardPort: number | undefined;
  /** The pod's container as it truly is. */
  container(pod: string): ClusterTruth["nodes"][number]["containers"][number] | undefined;
  allocation(pod: string): KubeObject | undefined;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param without nodes whose agent is left to the test
 * @param before what happens to the cluster before the controller sees it
 * @param more flags, of which the last counts
 */
export async function startWorld(
  input: object,
  without: readonly string[] = [],
  before: (cluster: SimCluster) => Promise<void> = () => Promise.resolve(),
  more: readonly string[] = [],
): Promise<World> {
  const cluster = new SimCluster({ scenario: scenarioSchema.parse(input), clock: systemClock });
  await cluster.start();
  await before(cluster);
  const { url, close } = await cluster.api.listen(0);
  const folder = mkdtempSync(join(tmpdir(), "walras-world-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeKubeconfig(kubeconfig, url);
  const flags = [
    "--mode=full",
    "--agent-auth=none",
    "--agent-address=127.0.0.1:0",
    "--ops-host=127.0.0.1",
    "--ops-port=0",
  ];
  const config = readConfig([`--kubeconfig=${kubeconfig}`, ...flags, ...more], {});
  const controller = await wire(config, {
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
    onLost: () => undefined,
  });
  const parts = new Lifecycle(controller.runnables, silentLogger);
  await parts.start();
  const measured = cluster.nodes.filter(({ facts }) => !without.includes(facts.name));
  const connections = measured.map(({ facts }) => agentOf(cluster, facts.name, controller.agentPort()));
  for (const agent of connections) agent.start();
  return {
    cluster,
    agentPort: controller.agentPort(),
    dashboardPort: controller.dashboardPort(),
    opsUrl: `http://127.0.0.1:${controller.opsPort()}`,
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

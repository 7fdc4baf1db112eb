import type { Cluster } from "./cluster.ts";
import { givenCluster } from "./given.ts";
import { Programs } from "./programs.ts";

/** A cluster with our CRDs and rights, and programs to run on it. */
export interface Stage {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly namespace: string;
  close(): Promise<void>;
}

let stages = 0;

/** Opens a stage with a namespace of its own on the cluster that is up already. */
export async function openStage(name: string): Promise<Stage> {
  const cluster = await givenCluster();
  await cluster.install();
  const namespace = `walras-${name}-${process.pid}-${++stages}`;
  await cluster.createNamespace(namespace);
  const programs = new Programs(cluster, name);
  await programs.prepare();
  return {
    cluster,
    programs,
    namespace,
    close: async () => {
      await programs.stopAll();
      await cluster.deleteNamespace(namespace);
      await cluster.transport.close();
    },
  };
}

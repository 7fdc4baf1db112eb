import { writeFile } from "node:fs/promises";

import { Cluster } from "../../harness/cluster.ts";
import { Programs } from "../../harness/programs.ts";
import type { ControlPlane } from "../../providers/provider.ts";
import { selectProvider } from "../../providers/select.ts";
import type { Bed } from "./pods.ts";
import { serviceImage } from "./serviceImage.ts";

/** Nodes from 2 on know their own use, so that whoever else runs on this machine does not make them look full. */
const index = 2;
/** Its pods go before whoever else runs on this machine, */
const shares = "16384";
/** but for what the control plane, our programs and the generator need. */
const reservedCpu = "400m";
/** A node of this machine with the market on it, and the service's image. */
export interface MarketBed extends Bed {
  readonly controlPlane: ControlPlane;
  readonly programs: Programs;
}

/** Brings the testbed up if it is not, and takes away afterwards what `use` has left on it. */
export async function onBed(name: string, use: (bed: MarketBed) => Promise<void>): Promise<void> {
  const cluster = await testbed();
  const { controlPlane } = cluster.target;
  if (controlPlane === null) throw new Error("no hold of the control plane");
  const programs = new Programs(cluster, name);
  const namespace = `walras-${name}-${process.pid}`;
  const node = await controlPlane.startNode(index, reservedCpu);
  try {
    await writeFile(`/sys/fs/cgroup/cpu/${node}/cpu.shares`, shares);
    await cluster.install();
    await cluster.createNamespace(namespace);
    await programs.prepare();
    await controlPlane.loadImage(node, await serviceImage.pack());
    await programs.startMarket(node);
    await use({ cluster, namespace, node, image: serviceImage.name, controlPlane, programs });
  } finally {
    await programs.stopAll();
    await cluster.deleteNamespace(namespace);
    await controlPlane.stopNode(index);
    await cluster.transport.close();
  }
}

async function testbed(): Promise<Cluster> {
  try {
    return await Cluster.of(await selectProvider({ ...process.env, WALRAS_E2E_PROVIDER: "testbed" }).up());
  } catch (cause) {
    throw new Error("this benchmark reads the kernel of a node on this machine: no testbed (WALRAS_TESTBED)", {
      cause,
    });
  }
}

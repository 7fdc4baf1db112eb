import { parseCpu } from "@walras/kit";
import { getObject, resources } from "@walras/kube";

import type { Cluster, PodView } from "./cluster.ts";
import { pause } from "./wait.ts";

/** The node's allocatable CPU in millicores. */
export async function allocatableMilli(cluster: Cluster, node: string): Promise<number> {
  const object = await getObject(cluster.transport, resources.node, { namespace: "", name: node });
  const { status } = object as { status: { allocatable: { cpu: string } } };
  return parseCpu(status.allocatable.cpu, "allocatable");
}

/** Watches the sum of a node's requests, desired and enforced, for its highest value. */
export class RequestWatch {
  readonly #cluster: Cluster;
  readonly #node: string;
  #highestMilli = 0;
  #samples = 0;
  #watching = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, node: string) {
    this.#cluster = cluster;
    this.#node = node;
  }

  start(): void {
    this.#watching = true;
    this.#loop = this.#run();
  }

  async stop(): Promise<{ highestMilli: number; samples: number }> {
    this.#watching = false;
    await this.#loop;
    return { highestMilli: this.#highestMilli, samples: this.#samples };
  }

  /** max(desired, enforced) of every pod on the node, now. */
  async countedMilli(): Promise<number> {
    const pods = (await this.#cluster.pods()).filter(
      ({ spec, status }) => spec.nodeName === this.#node && status?.phase !== "Succeeded",
    );
    return pods.reduce((sum, pod) => sum + requestMilli(pod), 0);
  }

  async #run(): Promise<void> {
    while (this.#watching) {
      this.#highestMilli = Math.max(this.#highestMilli, await this.countedMilli());
      this.#samples += 1;
      await pause(100);
    }
  }
}

function requestMilli({ spec, status }: PodView): number {
  return spec.containers.reduce((sum, { name, resources: desired }) => {
    const enforced = status?.containerStatuses?.find((one) => one.name === name)?.resources?.requests?.cpu;
    return sum + Math.max(parseCpu(desired?.requests?.cpu ?? "0", name), parseCpu(enforced ?? "0", name));
  }, 0);
}

import type { SimCluster } from "@walras/sim";
import type { KubeObject } from "@walras/sim/apiserver";

const inDefault = "/api/v1/namespaces/default";

/** What an administrator does to a cluster, and sees of it. */
export class Kubectl {
  readonly #cluster: SimCluster;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  /** @param path of the collection, such as /api/v1/namespaces/default/limitranges */
  async create(path: string, body: object): Promise<void> {
    await this.#cluster.transport("kubectl").send({ method: "POST", path, body });
  }

  async remove(path: string): Promise<void> {
    await this.#cluster.transport("kubectl").send({ method: "DELETE", path });
  }

  labelPod(pod: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return this.#patchMetadata(`${inDefault}/pods/${pod}`, { labels });
  }

  /** @param path of the object */
  annotate(path: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    return this.#patchMetadata(path, { annotations });
  }

  async #patchMetadata(path: string, metadata: object): Promise<void> {
    const contentType = "application/merge-patch+json";
    await this.#cluster.transport("kubectl").send({ method: "PATCH", path, body: { metadata }, contentType });
  }

  pod(name: string, namespace = "default"): KubeObject | undefined {
    return this.#cluster.api.store.get("pods", namespace, name);
  }

  /** What the pod's container desires, as the API writes it: "100m/400m". */
  cpu(pod: string, container = "app", namespace = "default"): string {
    const spec = this.pod(pod, namespace)?.spec ?? {};
    const all = [spec["containers"], spec["initContainers"]].flatMap((list) => (list ?? []) as Container[]);
    const { requests, limits } = all.find(({ name }) => name === container)?.resources ?? {};
    return `${requests?.["cpu"]}/${limits?.["cpu"]}`;
  }

  allocation(pod: string, namespace = "default"): KubeObject | undefined {
    return this.#cluster.api.store.get("podallocations.allocation.mbcas.io", namespace, `${namespace}-${pod}`);
  }

  /** Reasons of the Events on a pod. */
  eventsOn(pod: string): readonly string[] {
    const events = [...this.#cluster.api.store.all("events")] as unknown as Event[];
    return events.filter(({ involvedObject }) => involvedObject?.name === pod).map(({ reason }) => reason);
  }
}

interface Container {
  readonly name: string;
  readonly resources: { readonly [side in "requests" | "limits"]?: Readonly<Record<string, string>> };
}

interface Event {
  readonly reason: string;
  readonly involvedObject?: { readonly name: string };
}

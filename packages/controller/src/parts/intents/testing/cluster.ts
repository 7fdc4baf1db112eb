import { seededRng, VirtualClock } from "@walras/kit";
import { collectionPath, type KubeTransport, objectPath, type Resource, resources } from "@walras/kube";
import { ApiServer, inProcessTransport, type KubeObject } from "@walras/sim/apiserver";

export const deployments: Resource = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
};

/** A Deployment of a test. */
export interface Given {
  readonly replicas?: number;
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** On its pods, not in its template. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Nothing here takes longer. */
const mostSeconds = 600;

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";

/** An API server, with what Kubernetes does about Deployments when it is told to. */
export class WorkloadCluster {
  readonly clock: VirtualClock;
  readonly api: ApiServer;
  readonly kubectl: KubeTransport;
  readonly #given = new Map<string, Given>();
  #made = 0;

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
    this.api = new ApiServer({ clock, rng: seededRng(7) });
    this.kubectl = inProcessTransport(this.api, "kubectl");
  }

  transport(): KubeTransport {
    return inProcessTransport(this.api, "walras-controller");
  }

  async deploy(name: string, given: Given = {}): Promise<void> {
    const { replicas = 1, requests = { cpu: "500m" }, limits = { cpu: "1" } } = given;
    const labels = { app: name };
    this.#given.set(name, given);
    const namespace = { metadata: { name: "shop" } };
    await this.kubectl
      .send({ method: "POST", path: collectionPath(resources.namespace), body: namespace })
      .catch(() => undefined);
    await this.kubectl.send({
      method: "POST",
      path: collectionPath(deployments, "shop"),
      body: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: "c", image: "app:1", resources: { requests, limits } }] },
          },
        },
      },
    });
    await this.settle();
  }

  deployment(name: string): KubeObject {
    const found = this.api.store.get("deployments.apps", "shop", name);
    if (!found) throw new Error(`no Deployment ${name}`);
    return found;
  }

  replicas(name: string): number {
    return Number(this.deployment(name).spec?.["replicas"]);
  }

  pods(name: string): KubeObject[] {
    return [...this.api.store.all("pods")].filter(({ metadata }) => metadata.labels?.["app"] === name);
  }

  podNames(name: string): string[] {
    return this.pods(name)
      .map(({ metadata }) => metadata.name)
      .toSorted();
  }

  annotations(pod: string): Readonly<Record<string, string>> {
    return this.api.store.get("pods", "shop", pod)?.metadata.annotations ?? {};
  }

  /** What the Deployment's controller does: as many pods as replicas, and those of the least deletion cost go. */
  async settle(): Promise<void> {
    for (const name of this.#given.keys()) {
      const wanted = this.replicas(name);
      const pods = this.pods(name).toSorted((one, other) => costOf(one) - costOf(other));
      for (let count = pods.length; count < wanted; count += 1) await this.#start(name);
      for (const { metadata } of pods.slice(0, Math.max(0, pods.length - wanted))) await this.remove(metadata.name);
    }
  }

  /** Lets time pass until something has come to its end. */
  async until<Result>(what: Promise<Result>): Promise<Result> {
    const state = { over: false };
    const ended = what.finally(() => {
      state.over = true;
    });
    for (let seconds = 0; seconds < mostSeconds && !state.over; seconds += 1) await this.clock.advance(1_000);
    return await ended;
  }

  /** In small steps, so that what happens takes its turns. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) await this.clock.advance(1_000);
  }

  async remove(pod: string): Promise<void> {
    await this.kubectl.send({ method: "DELETE", path: objectPath(resources.pod, { namespace: "shop", name: pod }) });
  }

  async patch(resource: Resource, name: string, body: object, subresource?: string): Promise<void> {
    await this.kubectl.send({
      method: "PATCH",
      path: objectPath(resource, { namespace: "shop", name }, subresource),
      contentType: "application/merge-patch+json",
      body,
    });
  }

  async setReady(pod: string, ready: boolean): Promise<void> {
    const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
    await this.patch(resources.pod, pod, { status: { phase: "Running", conditions } }, "status");
  }

  async #start(name: string): Promise<void> {
    this.#made += 1;
    const pod = `${name}-${this.#made}`;
    const { requests = { cpu: "500m" }, limits = { cpu: "1" }, labels = {} } = this.#given.get(name) ?? {};
    await this.kubectl.send({
      method: "POST",
      path: collectionPath(resources.pod, "shop"),
      body: {
        metadata: {
          name: pod,
          labels: { app: name, "pod-template-hash": "a", ...labels },
          ownerReferences: [
            { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${name}-a`, uid: `uid-${name}`, controller: true },
          ],
        },
        spec: {
          nodeName: "n1",
          terminationGracePeriodSeconds: 0,
          containers: [{ name: "c", image: "app:1", resources: { requests, limits } }],
        },
      },
    });
    await this.setReady(pod, true);
  }
}

function costOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[costAnnotation] ?? 0);
}

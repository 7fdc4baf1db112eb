import {
  type PodAllocation,
  podAllocationCrd,
  workloadProfileCrd,
  workloadProfileResource,
  type WorkloadProfileSpec,
} from "@walras/api";
import { systemClock } from "@walras/kit";
import { createObject, type KubeObject, type KubeRequest, type KubeTransport, type Resource } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";

/** A pod as a test describes it. */
export interface TestPod {
  readonly namespace?: string;
  readonly name: string;
  readonly node?: string;
  readonly request?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
}

/** An embedded API server with objects of ours on it. */
export class TestCluster implements KubeTransport {
  readonly server = new ApiServer({ clock: systemClock });
  readonly #transport: KubeTransport = inProcessTransport(this.server);

  send(request: KubeRequest): Promise<unknown> {
    return this.#transport.send(request);
  }

  stream(request: KubeRequest): ReturnType<KubeTransport["stream"]> {
    return this.#transport.stream(request);
  }

  create(path: string, body: object): Promise<{ readonly metadata: { readonly uid: string } }> {
    return this.send({ method: "POST", path, body }) as Promise<{ readonly metadata: { readonly uid: string } }>;
  }

  /** An object of a kind of ours. */
  object(resource: Resource, namespace: string, body: KubeObject): Promise<unknown> {
    return createObject(this, resource, namespace, body);
  }

  async crd(definition: object): Promise<void> {
    await this.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  }

  async status(path: string, status: object): Promise<void> {
    const contentType = "application/merge-patch+json";
    await this.send({ method: "PATCH", path: `${path}/status`, body: { status }, contentType });
  }

  async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }

  /** @param cpu allocatable */
  async node(name: string, cpu: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const status = { allocatable: { cpu }, conditions: [{ type: "Ready", status: "True" }] };
    const body = { apiVersion: "v1", kind: "Node", metadata: { name, labels }, status };
    return (await this.create("/api/v1/nodes", body)).metadata.uid;
  }

  /** @returns its UID */
  async pod({ namespace = "shop", name, node = "n1", request = "100m", ...metadata }: TestPod): Promise<string> {
    const containers = [{ name: "app", image: "local/app:1", resources: { requests: { cpu: request } } }];
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, ...metadata },
      spec: { nodeName: node, containers },
    };
    return (await this.create(`/api/v1/namespaces/${namespace}/pods`, body)).metadata.uid;
  }

  /** A pod, and what the market says of it. */
  async managed(pod: TestPod, spec: Partial<PodAllocation["spec"]>, status: PodAllocation["status"]): Promise<string> {
    const uid = await this.pod(pod);
    const { namespace = "shop", name } = pod;
    const path = `/apis/allocation.mbcas.io/v1alpha1/namespaces/${namespace}/podallocations`;
    const whole = { namespace, podName: name, podUID: uid, desiredCPURequest: "100m", ...spec };
    const allocation = `${namespace}-${name}`;
    await this.create(path, {
      apiVersion: "allocation.mbcas.io/v1alpha1",
      kind: "PodAllocation",
      metadata: { name: allocation },
      spec: whole,
    });
    await this.status(`${path}/${allocation}`, status ?? {});
    return uid;
  }

  /** What a workload of the namespace is known to use. */
  async profile(
    workload: { readonly kind: string; readonly name: string },
    known: Pick<WorkloadProfileSpec, "habitCPURequest" | "trustPercent">,
  ): Promise<void> {
    await this.object(workloadProfileResource, "shop", {
      metadata: { name: `${workload.kind.toLowerCase()}-${workload.name}` },
      spec: { encoding: 1, workload, ...known, seen: "2026-01-01T00:00:00Z", containers: [] },
    });
  }

  /** What is told on an object. */
  async event(
    regarding: { readonly kind: string; readonly namespace?: string; readonly name: string; readonly uid: string },
    { reason, note, type = "Normal", at = "2026-01-01T12:00:00.000000Z" }: TestEvent,
  ): Promise<void> {
    const namespace = regarding.namespace ?? "default";
    this.#events += 1;
    await this.create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: `event-${this.#events}` },
      eventTime: at,
      type,
      reason,
      action: "Resizing",
      note,
      regarding: { ...regarding, namespace },
      reportingController: "walras.io/walras",
      reportingInstance: "test",
    });
  }

  #events = 0;
}

interface TestEvent {
  readonly reason: string;
  readonly note: string;
  readonly type?: "Normal" | "Warning";
  readonly at?: string;
}

/** Two nodes, two namespaces, and the kinds of the market. */
export async function marketCluster(): Promise<TestCluster> {
  const cluster = new TestCluster();
  for (const crd of [podAllocationCrd(), workloadProfileCrd()]) await cluster.crd(crd);
  await cluster.namespace("shop", { "mbcas.io/managed": "true" });
  await cluster.namespace("other");
  await cluster.node("n1", "4");
  await cluster.node("n2", "2");
  return cluster;
}

/** A screen of that width without colour. */
export const plain = { width: Infinity, colour: false } as const;

/** What the market says of a pod that is rationed. */
export const rationed: NonNullable<PodAllocation["status"]> = {
  phase: "Applied",
  reason: "Rationed",
  message:
    "the node's CPU is used up: it may use 790m of the 1650m that it wants; shop/cart-2 use 430m beyond their requests",
  appliedCPURequest: "100m",
  appliedCPULimit: "790m",
  rationCPU: "790m",
  shadowPriceCPU: 4.976,
  requestPriceCPU: 0,
  credit: -12.5,
  binding: "Capacity",
  bid: { weight: 1, floorMilli: 100, capMilli: 1650 },
};

/** What the market says of a pod that has all it needs. */
export const applied: NonNullable<PodAllocation["status"]> = {
  phase: "Applied",
  reason: "Applied",
  message: "the node enforces what is desired",
  appliedCPURequest: "100m",
  appliedCPULimit: "500m",
  shadowPriceCPU: 0,
  requestPriceCPU: 0,
  binding: "Need",
};

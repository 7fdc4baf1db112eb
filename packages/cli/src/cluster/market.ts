import type { PodAllocation } from "@walras/api";
import { parseCpu } from "@walras/kit";
import { type KubeTransport, resources } from "@walras/kube";

import { isAlive, keyOf, type Node, type Pod, requestMilliOf } from "./objects.ts";
import { allocationsOf, listOf } from "./read.ts";

/** A pod on the market with what it is told; of nodes none is known while it waits for one. */
export interface MarketPod {
  readonly pod: Pod;
  readonly node: string;
  readonly allocation: PodAllocation;
}

/** Pods that have a PodAllocation, and all that runs. @throws ClusterError, KubeError */
export async function marketOf(
  transport: KubeTransport,
  namespace?: string,
): Promise<{ readonly pods: readonly Pod[]; readonly managed: readonly MarketPod[] }> {
  const allocations = await allocationsOf(transport, namespace);
  const pods = (await listOf<Pod>(transport, resources.pod, { namespace })).filter(isAlive);
  return { pods, managed: managedAmong(pods, allocations) };
}

/** An allocation of a pod that is gone, or of a predecessor of the same name, says nothing of what runs. */
export function managedAmong(pods: readonly Pod[], allocations: readonly PodAllocation[]): MarketPod[] {
  const byKey = new Map(pods.map((pod) => [keyOf(pod.metadata), pod]));
  return allocations.flatMap((allocation) => {
    const { namespace, podName: name, podUID } = allocation.spec;
    const pod = byKey.get(keyOf({ namespace, name }));
    if (!pod || (podUID !== undefined && podUID !== pod.metadata.uid)) return [];
    return [{ pod, allocation, node: pod.spec?.nodeName ?? "" }];
  });
}

/** How one node's market stands, as its pods' PodAllocations tell. */
export interface NodeMarket {
  readonly node: string;
  readonly ready: boolean;
  /** Millicores; null where the Node does not say. */
  readonly allocatableMilli: number | null;
  /** Requests of all pods on it. */
  readonly promisedMilli: number;
  readonly pods: number;
  readonly managed: number;
  readonly rationed: number;
  /** Of which no fresh telemetry is there. */
  readonly unknown: number;
  /** Per core; null while no pod on it is told of a price. */
  readonly price: number | null;
  readonly requestPrice: number | null;
}

/** @throws FieldError */
export function nodeMarkets(
  nodes: readonly Node[],
  pods: readonly Pod[],
  managed: readonly MarketPod[],
): readonly NodeMarket[] {
  const podsOn = grouped(pods, ({ spec }) => spec?.nodeName ?? "");
  const managedOn = grouped(managed, ({ node }) => node);
  return nodes.map((node) =>
    nodeMarket(node, podsOn.get(node.metadata.name) ?? [], managedOn.get(node.metadata.name) ?? []),
  );
}

function nodeMarket(node: Node, pods: readonly Pod[], managed: readonly MarketPod[]): NodeMarket {
  const { metadata, status } = node;
  const cpu = status?.allocatable?.["cpu"];
  const told = managed.flatMap(({ allocation }) => allocation.status ?? []);
  return {
    node: metadata.name,
    ready: (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True"),
    allocatableMilli: cpu === undefined ? null : parseCpu(cpu, `node ${metadata.name}.status.allocatable.cpu`),
    promisedMilli: pods.reduce((sum, pod) => sum + requestMilliOf(pod), 0),
    pods: pods.length,
    managed: managed.length,
    rationed: told.filter(({ rationCPU }) => rationCPU !== undefined).length,
    unknown: told.filter(({ binding }) => binding === "Held").length,
    price: most(told.map(({ shadowPriceCPU }) => shadowPriceCPU)),
    requestPrice: most(told.map(({ requestPriceCPU }) => requestPriceCPU)),
  };
}

/** What a node's pods are told at different times differs a little: the highest is the one not to overlook. */
function most(prices: readonly (number | undefined)[]): number | null {
  const known = prices.filter((price) => price !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

function grouped<Item>(items: readonly Item[], keyOfItem: (item: Item) => string): ReadonlyMap<string, Item[]> {
  return Map.groupBy(items, keyOfItem);
}

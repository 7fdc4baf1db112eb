import type { KubeTransport } from "@walras/kube";
import { resources } from "@walras/kube";

import { amountsOf, reasonOf } from "../cluster/amounts.ts";
import { marketOf, type MarketPod, type NodeMarket, nodeMarkets } from "../cluster/market.ts";
import { keyOf, type Node } from "../cluster/objects.ts";
import { listOf } from "../cluster/read.ts";
import { notAsked, type Throttling } from "../cluster/throttling.ts";
import { usageOf } from "../cluster/usage.ts";

import type { TopOrder } from "./orders.ts";

/** A node as `walras top nodes` shows it. */
export interface TopNode extends NodeMarket {
  /** null: nobody measures, or it may not be read. */
  readonly usedMilli: number | null;
  /** Seconds a minute that its containers stand stopped by their quotas, over all; null: not asked, or not known now. */
  readonly throttledSecondsPerMinute: number | null;
}

/** A pod on the market as `walras top pods` shows it. */
export interface TopPod {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  /** What the node enforces, in millicores. */
  readonly requestMilli: number | null;
  readonly limitMilli: number | null;
  readonly usedMilli: number | null;
  /** Seconds a minute that its containers stand stopped by their quotas; null: not asked, or not known now. */
  readonly throttledSecondsPerMinute: number | null;
  readonly declaredMilli: number | null;
  /** null: it has what it would use. */
  readonly rationMilli: number | null;
  /** Of its node, per core. */
  readonly price: number | null;
  readonly binding: string | null;
  readonly reason: string;
}

export interface TopOptions {
  readonly namespace?: string;
  readonly sort: TopOrder;
  /** nobody where not given */
  readonly throttling?: Throttling;
}

/** Nodes, the most first. @throws ClusterError, KubeError */
export async function topNodes(
  transport: KubeTransport,
  { sort, throttling = notAsked }: TopOptions,
): Promise<TopNode[]> {
  const { pods, managed } = await marketOf(transport);
  const nodes = await listOf<Node>(transport, resources.node);
  const usage = (await usageOf(transport, "nodes")).nodes;
  const rows = nodeMarkets(nodes, pods, managed).map((one) => ({
    ...one,
    usedMilli: usage?.get(one.node) ?? null,
    throttledSecondsPerMinute: throttling.ofNode(one.node),
  }));
  return sorted(rows, nodeOrders[sort], ({ node }) => node);
}

/** Pods on the market, the most first. @throws ClusterError, KubeError */
export async function topPods(
  transport: KubeTransport,
  { namespace, sort, throttling = notAsked }: TopOptions,
): Promise<TopPod[]> {
  const { managed } = await marketOf(transport, namespace);
  const usage = (await usageOf(transport, "pods", namespace)).pods;
  const rows = managed.map((one) => topPod(one, usage, throttling));
  return sorted(rows, podOrders[sort], ({ namespace: where, pod }) => `${where}/${pod}`);
}

function topPod(
  { pod, node, allocation }: MarketPod,
  usage: ReadonlyMap<string, number> | null,
  throttling: Throttling,
): TopPod {
  const { namespace = "", name } = pod.metadata;
  const { declared, enforced, rationMilli } = amountsOf(allocation);
  const { shadowPriceCPU = null, binding = null } = allocation.status ?? {};
  return {
    namespace,
    pod: name,
    node,
    ...enforced,
    usedMilli: usage?.get(keyOf({ namespace, name })) ?? null,
    throttledSecondsPerMinute: throttling.ofPod(pod),
    declaredMilli: declared.requestMilli,
    rationMilli,
    price: shadowPriceCPU,
    binding,
    reason: reasonOf(allocation),
  };
}

type Order<Row> = (row: Row) => number | null;

const nodeOrders: Readonly<Record<TopOrder, Order<TopNode>>> = {
  price: ({ price }) => price,
  promised: ({ promisedMilli, allocatableMilli }) => promisedMilli / (allocatableMilli || 1),
  rationed: ({ rationed }) => rationed,
  used: ({ usedMilli, allocatableMilli }) => (usedMilli === null ? null : usedMilli / (allocatableMilli || 1)),
  throttled: ({ throttledSecondsPerMinute }) => throttledSecondsPerMinute,
  name: () => 0,
};

const podOrders: Readonly<Record<TopOrder, Order<TopPod>>> = {
  price: ({ price }) => price,
  promised: ({ requestMilli }) => requestMilli,
  rationed: ({ rationMilli }) => (rationMilli === null ? null : 1 / (1 + rationMilli)),
  used: ({ usedMilli }) => usedMilli,
  throttled: ({ throttledSecondsPerMinute }) => throttledSecondsPerMinute,
  name: () => 0,
};

/** The most first; what is not known comes last, and of alike ones the first by name. */
function sorted<Row>(rows: readonly Row[], by: Order<Row>, nameOf: (row: Row) => string): Row[] {
  const place = (row: Row): number => by(row) ?? -Infinity;
  return rows.toSorted((one, other) => {
    const [first, second] = [place(one), place(other)];
    return first === second ? (nameOf(one) < nameOf(other) ? -1 : 1) : second - first;
  });
}

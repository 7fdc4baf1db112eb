import type { V1Node } from "@kubernetes/client-node";
import { type Clock, parseQuantity } from "@walras/kit";
import { KubeError, type KubeTransport, listAll, listItems, type Resource, resources } from "@walras/kube";

import { type NodeUsage, sumUsage } from "./nodes.ts";
import type { UsageSource } from "./source.ts";

const nodeMetrics: Resource = {
  apiVersion: "metrics.k8s.io/v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  namespaced: false,
};

interface NodeMetrics {
  readonly metadata?: { readonly name?: string };
  readonly timestamp?: string;
  readonly usage?: { readonly cpu?: string; readonly memory?: string };
}

/** Metrics servers scrape each 15 to 60 s. */
const freshMs = 180_000;

/** Usage from metrics.k8s.io, as a metrics server gives it. No more than a page of nodes is held: they are large. */
export function metricsApiSource(transport: KubeTransport, clock: Clock): UsageSource {
  return {
    name: "metrics.k8s.io",
    read: async (signal) => {
      const metrics = await metricsByNode(transport, signal).catch(explain);
      const usage: NodeUsage[] = [];
      for await (const node of listItems<V1Node>(transport, resources.node, { signal })) {
        if (!isReady(node)) continue;
        usage.push(usageOf(node, freshOf(metrics.get(node.metadata?.name ?? ""), clock.wallMs())));
      }
      return sumUsage(usage);
    },
  };
}

async function metricsByNode(transport: KubeTransport, signal: AbortSignal): Promise<ReadonlyMap<string, NodeMetrics>> {
  const { items } = await listAll(transport, nodeMetrics, { signal });
  return new Map((items as readonly NodeMetrics[]).map((one) => [one.metadata?.name ?? "", one]));
}

const missing: Readonly<Record<number, string>> = {
  403: "nodes of metrics.k8s.io may not be listed",
  404: "no metrics server answers",
  503: "no metrics server answers",
};

function explain(error: unknown): never {
  const complaint = error instanceof KubeError ? missing[error.status] : undefined;
  throw complaint === undefined ? error : new Error(complaint, { cause: error });
}

function isReady({ status }: V1Node): boolean {
  return (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
}

function freshOf(metrics: NodeMetrics | undefined, nowMs: number): NodeMetrics | undefined {
  const atMs = Date.parse(metrics?.timestamp ?? "");
  return nowMs - atMs <= freshMs ? metrics : undefined;
}

function usageOf({ metadata, status }: V1Node, metrics: NodeMetrics | undefined): NodeUsage {
  const name = metadata?.name ?? "";
  const { cpu, memory } = metrics?.usage ?? {};
  const allocatable = status?.allocatable ?? {};
  return {
    name,
    cpuAllocatable: allocatableOf(allocatable["cpu"], `node ${name}.allocatable.cpu`),
    memoryAllocatable: allocatableOf(allocatable["memory"], `node ${name}.allocatable.memory`),
    cpuUsed: usedOf(cpu, `node ${name}.usage.cpu`),
    memoryUsed: usedOf(memory, `node ${name}.usage.memory`),
  };
}

/** @throws FieldError naming the field where there is something that is no quantity */
function allocatableOf(text: string | undefined, field: string): number {
  return text === undefined ? 0 : parseQuantity(text, field);
}

/** One node's usage that cannot be read leaves that node unknown, not the others. */
function usedOf(text: string | undefined, field: string): number | null {
  try {
    const used = text === undefined ? null : parseQuantity(text, field);
    return used !== null && used < 0 ? null : used;
  } catch {
    return null;
  }
}

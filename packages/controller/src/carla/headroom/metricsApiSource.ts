import type { V1Node } from "@kubernetes/client-node";
import { type Clock, parseQuantity } from "@walras/kit";
import { KubeError, type KubeTransport, listAll, type Resource, resources } from "@walras/kube";

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

/** Usage from metrics.k8s.io, as a metrics server gives it. */
export function metricsApiSource(transport: KubeTransport, clock: Clock): UsageSource {
  return {
    name: "metrics.k8s.io",
    read: async (signal) => {
      const [metrics, nodes] = await Promise.all([
        listAll(transport, nodeMetrics, { signal }).catch(explain),
        listAll(transport, resources.node, { signal }),
      ]);
      const known = new Map((metrics.items as readonly NodeMetrics[]).map((one) => [one.metadata?.name ?? "", one]));
      const ready = (nodes.items as readonly V1Node[]).filter(isReady);
      return sumUsage(
        ready.map((node) => usageOf(node, freshOf(known.get(node.metadata?.name ?? ""), clock.wallMs()))),
      );
    },
  };
}

function explain(error: unknown): never {
  if (error instanceof KubeError && (error.status === 404 || error.status === 503)) {
    throw new Error("no metrics server answers", { cause: error });
  }
  throw error;
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
    cpuAllocatable: quantityOr(0, allocatable["cpu"], `node ${name}.allocatable.cpu`),
    memoryAllocatable: quantityOr(0, allocatable["memory"], `node ${name}.allocatable.memory`),
    cpuUsed: quantityOr(null, cpu, `node ${name}.usage.cpu`),
    memoryUsed: quantityOr(null, memory, `node ${name}.usage.memory`),
  };
}

/** @throws FieldError naming the field where there is something that is no quantity */
function quantityOr<None>(none: None, text: string | undefined, field: string): number | None {
  return text === undefined ? none : parseQuantity(text, field);
}

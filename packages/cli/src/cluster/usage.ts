import { parseCpu } from "@walras/kit";
import { type KubeTransport, listItems, type Resource } from "@walras/kube";

import { ifAllowed } from "./read.ts";
import { keyOf, type Metadata } from "./objects.ts";

/** Millicores in use, by name of a node or `namespace/name` of a pod; null: nobody measures, or it may not be read. */
export interface Usage {
  readonly nodes: ReadonlyMap<string, number> | null;
  readonly pods: ReadonlyMap<string, number> | null;
}

interface Measured {
  readonly metadata: Metadata;
  readonly usage?: { readonly cpu?: string };
  readonly containers?: readonly { readonly usage?: { readonly cpu?: string } }[];
}

const metrics = (kind: string, plural: string, namespaced: boolean): Resource => ({
  apiVersion: "metrics.k8s.io/v1beta1",
  kind,
  plural,
  namespaced,
});

/** What metrics.k8s.io says, where it is served. @throws KubeError */
export async function usageOf(transport: KubeTransport, what: "nodes" | "pods", namespace?: string): Promise<Usage> {
  const nodes = what === "nodes" ? await measured(transport, metrics("NodeMetrics", "nodes", false)) : null;
  const pods = what === "pods" ? await measured(transport, metrics("PodMetrics", "pods", true), namespace) : null;
  return { nodes, pods };
}

function measured(
  transport: KubeTransport,
  resource: Resource,
  namespace?: string,
): Promise<ReadonlyMap<string, number> | null> {
  return ifAllowed(async () => {
    const found = new Map<string, number>();
    const where = namespace === undefined ? {} : { namespace };
    for await (const one of listItems<Measured>(transport, resource, where))
      found.set(keyOf(one.metadata), milliOf(one, resource.plural));
    return found;
  });
}

function milliOf({ usage, containers = [] }: Measured, origin: string): number {
  const all = usage === undefined ? containers.map((one) => one.usage?.cpu) : [usage.cpu];
  return all.reduce((sum, text) => sum + (text === undefined ? 0 : parseCpu(text, `${origin}.usage.cpu`)), 0);
}

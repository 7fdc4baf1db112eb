import { systemClock } from "@walras/kit";
import { HttpTransport, type KubeTransport, listItems, loadEndpoint, resources, retryReads } from "@walras/kube";

import type { NodeNames } from "./nodes.ts";

const label = "gpu-node-name";

interface Node {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** The nodes of the cluster that the kubeconfig, or the pod's service account, leads to. */
export async function clusterNodes(kubeconfig: string | undefined): Promise<NodeNames> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "gpu-scheduler-check", monotonicMs, connections: 1 });
  return namesBy(retryReads(transport, systemClock));
}

export function namesBy(transport: KubeTransport): NodeNames {
  return {
    byLabel: async (signal) => {
      const found = new Map<string, string[]>();
      for await (const { metadata } of listItems<Node>(transport, resources.node, { labelSelector: label, signal })) {
        const logical = metadata.labels?.[label];
        if (logical !== undefined) found.set(logical, [...(found.get(logical) ?? []), metadata.name]);
      }
      return found;
    },
  };
}

import { parseWith, systemClock } from "@walras/kit";
import {
  getObject,
  HttpTransport,
  KubeError,
  type KubeTransport,
  listItems,
  loadEndpoint,
  type ObjectName,
  resources,
  retryReads,
} from "@walras/kube";
import { z } from "zod";

import type { Cluster } from "./cluster.ts";

const label = "gpu-node-name";
const mapResource = {
  apiVersion: "gpu.walras.io/v1alpha1",
  kind: "GpuSchedulingMap",
  plural: "gpuschedulingmaps",
  namespaced: true,
} as const;

const placement = z.object({ podIndex: z.number().int(), intended: z.array(z.string()).default([]) });
const mapSchema = z.object({
  metadata: z.object({ generation: z.number().optional() }),
  status: z
    .object({ observedGeneration: z.number().optional(), placements: z.array(placement).default([]) })
    .default({ placements: [] }),
});

interface Node {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/**
 * The cluster that the kubeconfig, or the pod's service account, leads to.
 *
 * @param map the GpuSchedulingMap; null: there is none
 */
export async function kubeCluster(kubeconfig: string | undefined, map: ObjectName | null): Promise<Cluster> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "gpu-scheduler-check", monotonicMs, connections: 1 });
  return clusterBy(retryReads(transport, systemClock), map);
}

export function clusterBy(transport: KubeTransport, map: ObjectName | null): Cluster {
  return {
    nodesByLabel: async (signal) => {
      const found = new Map<string, string[]>();
      for await (const { metadata } of listItems<Node>(transport, resources.node, { labelSelector: label, signal })) {
        const logical = metadata.labels?.[label];
        if (logical !== undefined) found.set(logical, [...(found.get(logical) ?? []), metadata.name]);
      }
      return found;
    },
    chosen: async () => (map === null ? new Map() : await chosenIn(transport, map)),
  };
}

/** What is said of an older map than the one that there is says nothing. */
async function chosenIn(transport: KubeTransport, name: ObjectName): Promise<ReadonlyMap<number, readonly string[]>> {
  const object = await unlessMissing(getObject(transport, mapResource, name));
  if (object === null) return new Map();
  const { metadata, status } = parseWith(mapSchema, object, `GpuSchedulingMap ${name.namespace}/${name.name}`);
  if (status.observedGeneration !== metadata.generation) return new Map();
  return new Map(status.placements.map(({ podIndex, intended }) => [podIndex, intended]));
}

/** null: neither the object nor, maybe, its kind. */
async function unlessMissing(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

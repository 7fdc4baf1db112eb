import { collectionPath, resources } from "@walras/kube";

import type { Cluster } from "../../harness/cluster.ts";

export const driver = "gpu.example.com";
const gpusEach = 8;
/** Calls of the administrator at a time. */
const atOnce = 20;

/** Who places pods: ours, and Kubernetes' own. */
export type SchedulerName = "gpu-scheduler" | "default-scheduler";

/** How large a race is. */
export interface Size {
  readonly nodes: number;
  readonly pods: number;
}

export const devicesOf = ({ nodes }: Size): number => nodes * gpusEach;

/** The class of all devices, and of each fake node eight of them. */
export async function publish(cluster: Cluster, { nodes }: Size): Promise<void> {
  await cluster.create(resources.deviceClass, "", {
    metadata: { name: driver },
    spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] },
  });
  await forEach(nodes, async (index) => {
    const node = `kwok-${index + 1}`;
    const devices = Array.from({ length: gpusEach }, (_, gpu) => ({
      name: `gpu-${gpu}`,
      attributes: { uuid: { string: `GPU-${node}-${gpu}` } },
      capacity: { memory: { value: "80Gi" } },
    }));
    const pool = { name: node, generation: 1, resourceSliceCount: 1 };
    await cluster.create(resources.resourceSlice, "", {
      metadata: { name: `race-${node}` },
      spec: { driver, nodeName: node, pool, devices },
    });
  });
}

export async function withdraw(cluster: Cluster): Promise<void> {
  await cluster.kubectl("delete", "deviceclass", driver, "--ignore-not-found");
  await cluster.kubectl("delete", "resourceslices", `--field-selector=spec.driver=${driver}`, "--ignore-not-found");
}

/** kubectl would ask for each of them whether it is gone. */
export async function removeAll(cluster: Cluster, namespace: string): Promise<void> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0 };
  for (const resource of [resources.pod, resources.resourceClaim])
    await cluster.transport.send({ method: "DELETE", path: collectionPath(resource, namespace), body });
}

/** Pods, each with a claim of its own; of which scheduler the one with a number is. */
export async function createPods(
  { cluster, namespace, prefix }: { readonly cluster: Cluster; readonly namespace: string; readonly prefix: string },
  count: number,
  schedulerOf: (index: number) => SchedulerName,
): Promise<void> {
  const memory = `device.capacity["${driver}"].memory.compareTo(quantity("40Gi")) >= 0`;
  const exactly = { deviceClassName: driver, selectors: [{ cel: { expression: memory } }] };
  await forEach(count, async (index) => {
    const [name, claim] = [`${prefix}-${index}`, `${prefix}-${index}-claim`];
    await cluster.create(resources.resourceClaim, namespace, {
      metadata: { name: claim },
      spec: { devices: { requests: [{ name: "gpu", exactly }] } },
    });
    await cluster.create(resources.pod, namespace, podOf(name, claim, schedulerOf(index)));
  });
}

function podOf(name: string, claim: string, schedulerName: SchedulerName): Record<string, unknown> {
  return {
    metadata: { name, labels: { "mbcas.io/managed": "false" } },
    spec: {
      schedulerName,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: "Exists" }],
      nodeSelector: { type: "kwok" },
      resourceClaims: [{ name: "gpu", resourceClaimName: claim }],
      containers: [{ name: "app", image: "fake:1", resources: { claims: [{ name: "gpu" }] } }],
    },
  };
}

async function forEach(count: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await act(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

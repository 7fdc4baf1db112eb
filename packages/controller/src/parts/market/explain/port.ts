import { fieldManager, podAllocationResource } from "@walras/api";
import { applyObject, deleteObject, type KubeTransport } from "@walras/kube";

import type { AllocationPort } from "./recorder.ts";

const options = { fieldManager, force: true, unread: true } as const;

/** Writes PodAllocations by server-side apply; each belongs to its pod and goes with it. */
export function allocationPort(transport: KubeTransport): AllocationPort {
  const target = (
    namespace: string,
    name: string,
  ): { resource: typeof podAllocationResource; name: { namespace: string; name: string } } => ({
    resource: podAllocationResource,
    name: { namespace, name },
  });
  return {
    applySpec: async (pod, name, spec) => {
      const owner = { apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid };
      await applyObject(
        transport,
        target(pod.namespace, name),
        { metadata: { ownerReferences: [owner] }, spec },
        options,
      );
    },
    applyStatus: async (pod, name, status) => {
      await applyObject(transport, { ...target(pod.namespace, name), subresource: "status" }, { status }, options);
    },
    remove: (namespace, name) => deleteObject(transport, podAllocationResource, { namespace, name }),
  };
}

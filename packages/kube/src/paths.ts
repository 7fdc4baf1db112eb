import type { ObjectName, Resource } from "./port.ts";

/** The path of a collection: of one namespace, or of all where none is named. */
export function collectionPath(resource: Resource, namespace = ""): string {
  const root = resource.apiVersion.includes("/") ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${resource.plural}`;
}

/** The path of one object, or of a subresource of it. */
export function objectPath(resource: Resource, { namespace, name }: ObjectName, subresource?: string): string {
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** Kinds of Kubernetes itself that are in use. */
export const resources = {
  pod: { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true },
  node: { apiVersion: "v1", kind: "Node", plural: "nodes", namespaced: false },
  job: { apiVersion: "batch/v1", kind: "Job", plural: "jobs", namespaced: true },
  namespace: { apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
  lease: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", namespaced: true },
  podDisruptionBudget: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespaced: true,
  },
  event: { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events", namespaced: true },
  resourceSlice: {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    plural: "resourceslices",
    namespaced: false,
  },
  resourceClaim: {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    plural: "resourceclaims",
    namespaced: true,
  },
  deviceClass: { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", plural: "deviceclasses", namespaced: false },
} as const satisfies Readonly<Record<string, Resource>>;

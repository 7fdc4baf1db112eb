import type { StoreItem } from "@walras/kube";

/** `namespace/name` of a Kubernetes object (RFC 1123): nothing else is written into a query. */
export const objectKey = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/** On a workload: namespaces, separated by commas, whose intents may be about it. */
export const grantAnnotation = "ido.intel.com/allow-intents-from";

/** By what an object is found. */
export function namesOf(metadata: Partial<StoreItem> | undefined): StoreItem {
  const { uid = "", namespace = "", name = "" } = metadata ?? {};
  return { uid, namespace, name };
}

import { formatCpu } from "@walras/kit";

import { objectPath, resources } from "./paths.ts";
import type { KubeTransport, ObjectName, Resource } from "./port.ts";

/** An object as it goes over the wire. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** Whose fields a server-side apply sets. */
export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes fields over from other managers. */
  readonly force: boolean;
  /** The answer is of no use to the caller. */
  readonly unread?: true;
}

/**
 * Server-side apply: what `fields` names is ours, what we named before and do
 * not name now is given up.
 *
 * @param fields spec and so on; apiVersion, kind and metadata.name are added
 * @param subresource "status" to apply there
 * @throws KubeError
 */
export function applyObject(
  transport: KubeTransport,
  target: { readonly resource: Resource; readonly name: ObjectName; readonly subresource?: string },
  fields: KubeObject,
  options: ApplyOptions,
): Promise<unknown> {
  const { resource, name, subresource } = target;
  const metadata = {
    ...(fields["metadata"] as KubeObject | undefined),
    name: name.name,
    ...(resource.namespaced ? { namespace: name.namespace } : {}),
  };
  return transport.send({
    method: "PATCH",
    path: objectPath(resource, name, subresource),
    query: { fieldManager: options.fieldManager, force: String(options.force) },
    contentType: "application/apply-patch+yaml",
    ...(options.unread ? { unread: true } : {}),
    body: { ...fields, apiVersion: resource.apiVersion, kind: resource.kind, metadata },
  });
}

/** A JSON merge patch. @throws KubeError */
export function mergePatch(
  transport: KubeTransport,
  target: { readonly resource: Resource; readonly name: ObjectName; readonly subresource?: string },
  body: KubeObject,
): Promise<unknown> {
  return transport.send({
    method: "PATCH",
    path: objectPath(target.resource, target.name, target.subresource),
    contentType: "application/merge-patch+json",
    body,
  });
}

/** CPU of one container; null leaves the limit out of the patch. */
export interface ContainerCpu {
  readonly name: string;
  /** An init container that keeps running (KEP-753). */
  readonly sidecar?: boolean;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/**
 * Desires other CPU for a running pod through its resize subresource
 * (KEP-1287). What is not listed stays as it is. The UID is a precondition: a successor of the same name is never
 * resized by mistake.
 *
 * @returns the pod's generation after the patch
 * @throws KubeError
 */
export async function resizePod(
  transport: KubeTransport,
  pod: ObjectName & { readonly uid: string },
  containers: readonly ContainerCpu[],
  fieldManager: string,
): Promise<number> {
  const answer = await transport.send({
    method: "PATCH",
    path: objectPath(resources.pod, pod, "resize"),
    query: { fieldManager },
    contentType: "application/strategic-merge-patch+json",
    body: {
      metadata: { uid: pod.uid },
      spec: {
        ...resourcesIn(
          "containers",
          containers.filter(({ sidecar }) => !sidecar),
        ),
        ...resourcesIn(
          "initContainers",
          containers.filter(({ sidecar }) => sidecar),
        ),
      },
    },
  });
  return (answer as { metadata?: { generation?: number } }).metadata?.generation ?? 0;
}

function resourcesIn(field: string, containers: readonly ContainerCpu[]): KubeObject {
  if (containers.length === 0) return {};
  const listed = containers.map(({ name, requestMilli, limitMilli }) => ({
    name,
    resources: {
      requests: { cpu: formatCpu(requestMilli) },
      ...(limitMilli === null ? {} : { limits: { cpu: formatCpu(limitMilli) } }),
    },
  }));
  return { [field]: listed };
}

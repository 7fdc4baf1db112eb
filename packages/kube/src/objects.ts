import { collectionPath, objectPath } from "./paths.ts";
import type { KubeObject } from "./patch.ts";
import { KubeError, type KubeTransport, type ObjectName, type Resource } from "./port.ts";

/** Creates an object in its namespace. @throws KubeError */
export function createObject(
  transport: KubeTransport,
  resource: Resource,
  namespace: string,
  body: KubeObject,
): Promise<unknown> {
  return transport.send({
    method: "POST",
    path: collectionPath(resource, namespace),
    body: { apiVersion: resource.apiVersion, kind: resource.kind, ...body },
  });
}

/** Reads one object. @throws KubeError */
export function getObject(transport: KubeTransport, resource: Resource, name: ObjectName): Promise<unknown> {
  return transport.send({ method: "GET", path: objectPath(resource, name) });
}

/** Replaces one object; its resourceVersion is the precondition. @throws KubeError */
export function replaceObject(
  transport: KubeTransport,
  resource: Resource,
  name: ObjectName,
  body: KubeObject,
): Promise<unknown> {
  return transport.send({ method: "PUT", path: objectPath(resource, name), body });
}

/** Deletes one object; one that is gone already is no error. @throws KubeError */
export async function deleteObject(transport: KubeTransport, resource: Resource, name: ObjectName): Promise<void> {
  try {
    await transport.send({ method: "DELETE", path: objectPath(resource, name) });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
  }
}

import { type PodAllocation, podAllocationResource } from "@walras/api";
import { errorAt } from "@walras/kit";
import {
  collectionPath,
  getObject,
  KubeError,
  type KubeTransport,
  listItems,
  type ObjectName,
  type Resource,
} from "@walras/kube";

import { notInstalled } from "./failure.ts";
import type { Metadata } from "./objects.ts";

/**
 * All objects of a kind.
 *
 * @param namespace undefined: of all
 * @throws ClusterError where the cluster does not serve the kind, KubeError
 */
export async function listOf<Item>(
  transport: KubeTransport,
  resource: Resource,
  { namespace, labelSelector }: { readonly namespace?: string | undefined; readonly labelSelector?: string } = {},
): Promise<Item[]> {
  const where = {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
  };
  try {
    const found: Item[] = [];
    for await (const item of listItems<Item>(transport, resource, where)) found.push(item);
    return found;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) throw notInstalled(resource);
    throw error;
  }
}

/** What every pod on the market is told. @throws ClusterError, KubeError */
export function allocationsOf(transport: KubeTransport, namespace?: string): Promise<PodAllocation[]> {
  return listOf<PodAllocation>(transport, podAllocationResource, { namespace });
}

/**
 * One object that somebody has named.
 *
 * @param field how the argument is called
 * @throws FieldError where there is none of that name, ClusterError, KubeError
 */
export async function named<Item>(
  transport: KubeTransport,
  resource: Resource,
  name: ObjectName,
  field: string,
): Promise<Item> {
  const found = await ifThere<Item>(transport, resource, name);
  if (found) return found;
  if (!(await isServed(transport, resource))) throw notInstalled(resource);
  throw errorAt(field, name.namespace === "" ? name.name : `${name.namespace}/${name.name}`, "is not there");
}

/** @returns undefined where it is not there, or its kind is not served @throws KubeError */
export async function ifThere<Item>(
  transport: KubeTransport,
  resource: Resource,
  name: ObjectName,
): Promise<Item | undefined> {
  try {
    return (await getObject(transport, resource, name)) as Item;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

async function isServed(transport: KubeTransport, resource: Resource): Promise<boolean> {
  try {
    await transport.send({ method: "GET", path: collectionPath(resource), query: { limit: "1" } });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}

/** Objects by a field of theirs that the API server selects by. @throws KubeError */
export async function selected<Item>(
  transport: KubeTransport,
  resource: Resource,
  { namespace, fieldSelector }: { readonly namespace?: string; readonly fieldSelector: string },
): Promise<readonly Item[]> {
  const path = collectionPath(resource, namespace);
  const { items = [] } = (await transport.send({ method: "GET", path, query: { fieldSelector } })) as {
    readonly items?: readonly Item[];
  };
  return items;
}

/** What cannot be read is not known, which is not the same as nothing. @returns null where it may not or cannot be read */
export async function ifAllowed<Item>(read: () => Promise<Item>): Promise<Item | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError && [403, 404, 503].includes(error.status)) return null;
    if (error instanceof Error && error.name === "ClusterError") return null;
    throw error;
  }
}

/**
 * The object that "name" or "namespace/name" means.
 *
 * @throws FieldError
 */
export function nameOf(written: string, namespace: string, field: string): ObjectName {
  const parts = written.split("/");
  if (parts.length > 2 || parts.includes("")) throw errorAt(field, written, 'is not "name" or "namespace/name"');
  const [first = "", second] = parts;
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/** What is read of an object of any kind. */
export interface AnyObject {
  readonly metadata: Metadata;
}

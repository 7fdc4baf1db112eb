import { collectionPath } from "./paths.ts";
import type { KubeTransport, Resource } from "./port.ts";

/** A whole collection at one version. */
export interface Listing {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

/** Pages keep memory and the server's time bounded. */
const pageSize = "500";

/**
 * Lists a collection in pages of one consistent version.
 *
 * @throws KubeError; 410 when the version expired between two pages
 */
export async function listAll(transport: KubeTransport, resource: Resource, signal?: AbortSignal): Promise<Listing> {
  const items: unknown[] = [];
  let resourceVersion = "";
  let next = "";
  do {
    const page = (await transport.send({
      method: "GET",
      path: collectionPath(resource),
      query: { limit: pageSize, ...(next === "" ? {} : { continue: next }) },
      ...(signal === undefined ? {} : { signal }),
    })) as Page;
    for (const item of page.items ?? []) items.push(item);
    resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
    next = page.metadata?.continue ?? "";
  } while (next !== "");
  return { items, resourceVersion };
}

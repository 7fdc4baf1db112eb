import { collectionPath } from "./paths.ts";
import type { KubeTransport, Resource } from "./port.ts";

/** A whole collection at one version. */
export interface Listing {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
}

/** What is listed, and at which version. */
export interface ListOptions {
  /** All namespaces where not given. */
  readonly namespace?: string;
  /** Only objects with these labels, in the API's syntax; all where not given. */
  readonly labelSelector?: string | undefined;
  /** Exactly this version; the newest where not given. */
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

/** Pages keep memory and the server's time bounded. */
const pageSize = "500";

/**
 * A collection in pages of one consistent version, so that a reader need not
 * hold more than one page of whole objects.
 *
 * @throws KubeError; 410 when the version expired, also between two pages
 */
export async function* listPages(
  transport: KubeTransport,
  resource: Resource,
  { namespace, labelSelector, resourceVersion, signal }: ListOptions = {},
): AsyncGenerator<Listing, void> {
  const selection = selectionOf(labelSelector);
  const first = resourceVersion === undefined ? {} : { resourceVersion, resourceVersionMatch: "Exact" };
  let next = "";
  do {
    const answer = await transport.send({
      method: "GET",
      path: collectionPath(resource, namespace),
      query: { limit: pageSize, ...selection, ...(next === "" ? first : { continue: next }) },
      ...(signal === undefined ? {} : { signal }),
    });
    const { items = [], metadata = {} } = answer as Page;
    yield { items, resourceVersion: metadata.resourceVersion ?? "" };
    next = metadata.continue ?? "";
  } while (next !== "");
}

/**
 * The objects of a collection one by one, for who has no use for its version.
 *
 * @throws KubeError as `listPages`
 */
export async function* listItems<Item>(
  transport: KubeTransport,
  resource: Resource,
  options: ListOptions = {},
): AsyncGenerator<Item, void> {
  for await (const { items } of listPages(transport, resource, options)) yield* items as readonly Item[];
}

/**
 * A whole collection at one version.
 *
 * @throws KubeError as `listPages`
 */
export async function listAll(
  transport: KubeTransport,
  resource: Resource,
  options: ListOptions = {},
): Promise<Listing> {
  const items: unknown[] = [];
  let resourceVersion = "";
  for await (const page of listPages(transport, resource, options)) {
    for (const item of page.items) items.push(item);
    resourceVersion = page.resourceVersion;
  }
  return { items, resourceVersion };
}

function selectionOf(labelSelector: string | undefined): Readonly<Record<string, string>> {
  return labelSelector === undefined ? {} : { labelSelector };
}

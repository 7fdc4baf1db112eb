import { isDeepStrictEqual } from "node:util";

import { listPages } from "./list.ts";
import type { KubeTransport, Resource } from "./port.ts";
import type { StoreItem } from "./store.ts";

/** A store's items by UID as they were at one version. */
export interface StoreView<Item> {
  readonly items: ReadonlyMap<string, Item>;
  readonly resourceVersion: string;
}

/** Where to look, and how objects are read. */
export interface AuditOptions<Item> {
  readonly transport: KubeTransport;
  readonly resource: Resource;
  readonly labelSelector?: string;
  readonly transform: (raw: unknown) => Item | undefined;
  readonly signal: AbortSignal;
}

/**
 * Compares a store with a list of the very same version, so that what changes
 * meanwhile is no difference.
 *
 * @returns how many objects are missing, superfluous or other
 * @throws KubeError; 410 where the version is too old to be listed
 */
export async function countDivergence<Item extends StoreItem>(
  view: StoreView<Item>,
  { transport, resource, labelSelector, transform, signal }: AuditOptions<Item>,
): Promise<number> {
  let [matching, different] = [0, 0];
  const { items, resourceVersion } = view;
  for await (const page of listPages(transport, resource, { labelSelector, resourceVersion, signal })) {
    for (const raw of page.items) {
      const item = readOrNull(raw, transform);
      const known = items.get(uidOf(raw));
      if (known === undefined ? item : item !== null && !isDeepStrictEqual(known, item)) different += 1;
      if (known !== undefined) matching += 1;
    }
  }
  return different + items.size - matching;
}

function uidOf(raw: unknown): string {
  return (raw as { readonly metadata?: { readonly uid?: string } }).metadata?.uid ?? "";
}

/** null: cannot be read, so nothing can be said about it. */
function readOrNull<Item>(raw: unknown, transform: (raw: unknown) => Item | undefined): Item | undefined | null {
  try {
    return transform(raw);
  } catch {
    return null;
  }
}

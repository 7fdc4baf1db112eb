import { KubeError, type KubeTransport, listAll, type Resource } from "@walras/kube";

import type { Answer } from "./check.ts";

/** As much of every object as is shown. */
export interface Named {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

/** All objects of a kind; null where the kind is not served. @throws KubeError where they may not be listed */
export async function listIfServed(transport: KubeTransport, resource: Resource): Promise<readonly unknown[] | null> {
  try {
    return (await listAll(transport, resource)).items;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

/** What is not known is no failure, and not fine either. */
export async function unlessForbidden(what: string, look: () => Promise<Answer>): Promise<Answer> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    return { verdict: "warn", detail: `unknown: these credentials may not read ${what}` };
  }
}

const mostNames = 3;

/** `shop/cart, shop/api and 4 more` */
export function someOf(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more <= 0 ? names.join(", ") : `${names.slice(0, mostNames).join(", ")} and ${more} more`;
}

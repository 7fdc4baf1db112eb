import { join } from "node:path";

import type { Map } from "../argocd/model.ts";
import { helm, root } from "../argocd/testing.ts";
import type { Manifest } from "../manifests/load.ts";

export const chart = join(root, "deploy", "helm", "walras");

/** What the chart makes of these values in walras-system; nothing without helm. @throws Error with helm's words */
export async function walras(values: Map = {}): Promise<readonly Manifest[]> {
  const release = { chart: "deploy/helm/walras", name: "walras", namespace: "walras-system", values };
  return ((await helm?.render(release)) ?? []) as unknown as readonly Manifest[];
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { stringify } from "yaml";

import type { Stage } from "./stage.ts";

/** Kinds of others that manifests of ours may hold: their group, version and plural. */
const kinds = {
  ServiceMonitor: ["monitoring.coreos.com", "v1", "servicemonitors"],
  PrometheusRule: ["monitoring.coreos.com", "v1", "prometheusrules"],
  Issuer: ["cert-manager.io", "v1", "issuers"],
  Certificate: ["cert-manager.io", "v1", "certificates"],
} as const;

/**
 * Has the API server take these kinds, whatever an object of them holds.
 *
 * @returns takes those away again that were not there before
 */
export async function serveForeignKinds({ cluster, programs }: Stage): Promise<() => Promise<void>> {
  const known = await cluster.kubectl("get", "crd", "-o", "name");
  const wanted = Object.entries(kinds).filter(([, [group, , plural]]) => !known.includes(`/${plural}.${group}`));
  const file = join(programs.folder, "foreign-kinds.yaml");
  await writeFile(file, wanted.map(([kind, of]) => stringify(definition(kind, of))).join("---\n"));
  await cluster.kubectl("create", "-f", file);
  await cluster.kubectl("wait", "--for=condition=Established", "-f", file, "--timeout=30s");
  return async () => {
    await cluster.kubectl("delete", "-f", file);
  };
}

function definition(kind: string, [group, version, plural]: readonly [string, string, string]): object {
  const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
    },
  };
}

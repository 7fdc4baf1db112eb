import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { installedHelm } from "./helm.ts";
import type { Manifest } from "../manifests/load.ts";
import { loadFolder } from "./load.ts";
import type { Map, Source } from "./model.ts";
import type { Schemas } from "./schema.ts";

export const root = join(import.meta.dirname, "..", "..");
export const shipped = join(root, "deploy", "argocd");
/** null where there is none. */
export const helm = await installedHelm(root, process.env);
export const schemas = JSON.parse(await readFile(join(import.meta.dirname, "schemas.json"), "utf8")) as Schemas;

/** What is shipped, with one field of one file changed: left out, where no value is given. */
export async function shippedBut(
  file = "",
  path: readonly (string | number)[] = [],
  value?: unknown,
): Promise<readonly Source[]> {
  const { sources } = await loadFolder(shipped, root);
  return sources.map((source) => {
    const isIt = file !== "" && source.complain("", "", "").file.endsWith(`/${file}`) && "metadata" in source.object;
    return isIt ? { ...source, object: changed(source.object, path, value) as Source["object"] } : source;
  });
}

function changed(object: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(object))
    return object.map((item: unknown, index) => (index === key ? changed(item, rest, value) : item));
  const map = (object ?? {}) as Readonly<Record<string, unknown>>;
  const inner = changed(map[key], rest, value);
  const { [key]: _, ...others } = map;
  return inner === undefined ? others : { ...others, [key]: inner };
}

const namespaces = {
  "gpu-scheduler-chart": "gpu-scheduler-system",
  "gpu-scheduler-check-chart": "gpu-scheduler-tests",
} as const;

/** What a chart makes of these values; nothing without helm. */
export async function rendered(chart: keyof typeof namespaces, values: Map = {}): Promise<readonly Manifest[]> {
  if (helm === null) return [];
  const release = { chart: join("deploy", chart), name: "gpu", namespace: namespaces[chart], values };
  return (await helm.render(release)) as unknown as readonly Manifest[];
}

export function find(objects: readonly Manifest[], kind: string, name: string): Map {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found as unknown as Map;
}

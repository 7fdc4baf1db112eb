import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { installedHelm } from "./helm.ts";
import { loadFolder } from "./load.ts";
import type { Source } from "./model.ts";
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

// Writes scripts/argocd/schemas.json from Argo CD's CustomResourceDefinitions.
// usage: argocdSchemas.ts VERSION FILE...   (manifests/crds of that release of Argo CD)
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parse } from "yaml";

import { compact, type Definition } from "./argocd/compact.ts";

const [version, ...files] = process.argv.slice(2);
if (version === undefined || files.length === 0) throw new Error("usage: argocdSchemas.ts VERSION FILE...");
const definitions = await Promise.all(files.map(async (file) => parse(await readFile(file, "utf8")) as Definition));
const schemas = compact(definitions, `Argo CD ${version}, its authors', under the Apache License 2.0`);
await writeFile(join(import.meta.dirname, "argocd", "schemas.json"), `${JSON.stringify(schemas)}\n`);

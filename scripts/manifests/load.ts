import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { parse, parseAllDocuments } from "yaml";

export type Labels = Readonly<Record<string, string>>;

/** An object of a manifest, as far as every kind has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
    readonly patch: string;
  }[];
}

interface Addition {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** Kinds that belong to no namespace, of those that we ship. */
const clusterWide = new Set([
  "Namespace",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  ...["MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"].flatMap((kind) => [kind, `${kind}Binding`]),
]);

/**
 * What a kustomization makes, as far as ours go: resources, components, the namespace, and patches that add to lists.
 *
 * @param components to add, as `kustomize edit add component` does
 * @throws Error for a patch of another sort
 */
export async function build(folder: string, components: readonly string[] = []): Promise<readonly Manifest[]> {
  const own = await readKustomization(folder);
  const objects: Manifest[] = [];
  for (const resource of own.resources ?? []) objects.push(...(await load(join(folder, resource))));
  for (const component of [...(own.components ?? []), ...components]) {
    const added = join(folder, component);
    objects.push(...(await build(added)));
    patch(objects, await readKustomization(added));
  }
  return objects.map((object) => placed(object, own.namespace));
}

async function readKustomization(folder: string): Promise<Kustomization> {
  return parse(await readFile(join(folder, "kustomization.yaml"), "utf8")) as Kustomization;
}

async function load(path: string): Promise<readonly Manifest[]> {
  if ((await stat(path)).isDirectory()) return build(path);
  return parseAllDocuments(await readFile(path, "utf8")).map((document) => document.toJS() as Manifest);
}

function placed(object: Manifest, namespace: string | undefined): Manifest {
  if (namespace === undefined || clusterWide.has(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function patch(objects: readonly Manifest[], { patches = [] }: Kustomization): void {
  for (const { target, patch: text } of patches) {
    const found = objects.find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
    if (found === undefined) throw new Error(`a patch is for ${target.kind} ${target.name}, which is not there`);
    for (const addition of parse(text) as readonly Addition[]) append(found, addition);
  }
}

function append(object: Manifest, { op, path, value }: Addition): void {
  if (op !== "add" || !path.endsWith("/-")) throw new Error(`${op} ${path}: only additions to lists are known`);
  const list = path
    .slice(1, -2)
    .split("/")
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], object);
  (list as unknown[]).push(value);
}

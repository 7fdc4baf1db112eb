import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { parse, parseAllDocuments } from "yaml";

import { type Change, change } from "./jsonPatch.ts";

export type Labels = Readonly<Record<string, string>>;

/** An object of a manifest, as far as every kind has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
}

interface Kustomization {
  readonly kind?: string;
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly {
    /** Its name is an expression; without one all of the kind are meant. */
    readonly target: { readonly kind: string; readonly name?: string };
    readonly patch: string;
  }[];
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
 * What a kustomization makes, as far as ours go: resources, components, patches of RFC 6902, and the namespace.
 *
 * @param components to add, as `kustomize edit add component` does
 * @throws Error for a patch of another sort, or for nobody
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
  // A component's are for the objects of who takes it.
  if (own.kind !== "Component") patch(objects, own);
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
    const isNamed = new RegExp(`^(?:${target.name ?? ".*"})$`);
    const found = objects.filter(({ kind, metadata }) => kind === target.kind && isNamed.test(metadata.name));
    if (found.length === 0) throw new Error(`a patch is for ${target.kind} ${target.name}, which is not there`);
    for (const object of found) for (const one of parse(text) as readonly Change[]) change(object, one);
  }
}

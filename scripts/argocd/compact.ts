import type { Schema, Schemas } from "./schema.ts";

/** A CustomResourceDefinition, as far as schemas go. */
export interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

type Json = Readonly<Record<string, unknown>> | readonly unknown[] | string | number | boolean | null;

/** What only people and the API server's merging need. Where a property has such a name, it is a schema and stays. */
const leftOut = new Set([
  "description",
  "default",
  "x-kubernetes-map-type",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
]);
const shortestShared = 60;

/** Schemas without descriptions and status, each part that comes more than once written once: a fiftieth of Argo CD's. */
export function compact(definitions: readonly Definition[], of: string): Schemas {
  const stripped = definitions.map(({ spec }): [string, Json] => {
    const schema = strip((spec.versions[0]?.schema.openAPIV3Schema ?? {}) as Json, false);
    const { status: _, ...properties } = (schema as { properties: Record<string, Json> }).properties;
    return [spec.names.kind, { ...(schema as object), properties }];
  });
  const counts = new Map<string, number>();
  for (const [, schema] of stripped) count(schema, counts);
  const names = new Map<string, string>();
  const defs: Record<string, Schema> = {};
  const share = (value: Json): Json => {
    const text = JSON.stringify(value);
    if ((counts.get(text) ?? 0) < 2 || text.length < shortestShared) return inside(value, share);
    const known = names.get(text);
    const name = known ?? `d${names.size}`;
    names.set(text, name);
    if (known === undefined) defs[name] = inside(value, share) as Schema;
    return { $ref: name };
  };
  const kinds = Object.fromEntries(stripped.map(([kind, schema]) => [kind, inside(schema, share) as Schema]));
  return { of, kinds, defs };
}

/** @param isNames whether the keys are names of properties */
function strip(value: Json, isNames: boolean): Json {
  if (typeof value !== "object" || value === null || isList(value)) return value;
  const kept = Object.entries(value).filter(([key]) => isNames || !leftOut.has(key));
  return Object.fromEntries(
    kept.map(([key, member]) => [key, strip(member as Json, !isNames && key === "properties")]),
  );
}

function count(value: Json, counts: Map<string, number>): void {
  if (isSchema(value)) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
  if (typeof value === "object" && value !== null && !isList(value))
    for (const member of Object.values(value)) count(member as Json, counts);
}

function inside(value: Json, share: (member: Json) => Json): Json {
  if (typeof value !== "object" || value === null || isList(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      isSchema(member as Json) ? share(member as Json) : inside(member as Json, share),
    ]),
  );
}

function isSchema(value: Json): boolean {
  if (typeof value !== "object" || value === null || isList(value)) return false;
  return value["type"] === "object" || value["type"] === "array";
}

function isList(value: Json): value is readonly unknown[] {
  return Array.isArray(value);
}

import { isMap, type JsonMap } from "../objects/model.ts";
import { type JsonSchema, memberSchema } from "./jsonSchema.ts";

/** `value` without the fields its schema does not specify. */
export function prune(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => prune(item, schema.items ?? {})) : value;
  if (!isMap(value)) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const inner = memberSchema(schema, name);
    if (inner) return [[name, prune(member, inner)]];
    return keepsUnknown(schema) ? [[name, member]] : [];
  });
  return Object.fromEntries(kept);
}

function keepsUnknown(schema: JsonSchema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
}

/** `value` with the schema's defaults where members are missing, and nulls dropped where a default waits. */
export function withDefaults(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => withDefaults(item, schema.items ?? {})) : value;
  if (!isMap(value)) return value;
  return defaultMembers(value, schema);
}

function defaultMembers(map: JsonMap, schema: JsonSchema): JsonMap {
  const filled: Record<string, unknown> = { ...map };
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const missing = filled[name] === undefined || (filled[name] === null && inner.nullable !== true);
    if (missing && inner.default !== undefined) filled[name] = structuredClone(inner.default);
  }
  for (const [name, member] of Object.entries(filled)) {
    const inner = memberSchema(schema, name);
    if (inner) filled[name] = withDefaults(member, inner);
  }
  return filled;
}

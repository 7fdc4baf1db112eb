import { nearestOf } from "../../packages/kit/src/index.ts";
import type { Complain, Finding } from "./finding.ts";

/** A structural schema of a CustomResourceDefinition, as far as Argo CD's use it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

/** Schemas by kind. What many have in common is in `defs`, by the name that `$ref` has. */
export interface Schemas {
  readonly of: string;
  readonly kinds: Readonly<Record<string, Schema>>;
  readonly defs: Readonly<Record<string, Schema>>;
}

type Map = Readonly<Record<string, unknown>>;

/** Where an object does not follow its kind's schema; a field that the schema has not is wrong too, since the API server drops it. */
export function checkSchema(object: Map, kind: string, schemas: Schemas, complain: Complain): readonly Finding[] {
  const schema = schemas.kinds[kind];
  if (schema === undefined) return [complain("kind", kind, "is not one of those that are known")];
  return check(object, schema, "", { schemas, complain });
}

interface Context {
  readonly schemas: Schemas;
  readonly complain: Complain;
}

function check(value: unknown, given: Schema, field: string, context: Context): readonly Finding[] {
  const { schemas, complain } = context;
  const schema = given.$ref === undefined ? given : schemas.defs[given.$ref];
  if (schema === undefined) throw new Error(`no definition ${given.$ref}`);
  const wanted = schema["x-kubernetes-int-or-string"] ? ["integer", "string"] : schema.type ? [schema.type] : [];
  const type = typeOf(value);
  const fits = wanted.length === 0 || wanted.includes(type) || (type === "integer" && wanted.includes("number"));
  if (!fits) return [complain(field, value, `is ${type}, should be ${wanted.join(" or ")}`)];
  if (Array.isArray(value)) return checkList(value, schema, field, context);
  // Its own metadata is checked by the API server, in every kind alike.
  if (field === "metadata" && schema.properties === undefined) return [];
  if (type === "object") return checkMap(value as Map, schema, field, context);
  return checkScalar(value, schema).map((complaint) => complain(field, value, complaint));
}

function checkList(list: readonly unknown[], schema: Schema, field: string, context: Context): readonly Finding[] {
  const { items, maxItems = Infinity } = schema;
  const tooMany = list.length > maxItems ? [context.complain(field, list.length, `items: at most ${maxItems}`)] : [];
  const each = items ? list.flatMap((item, index) => check(item, items, `${field}[${index}]`, context)) : [];
  return [...tooMany, ...each];
}

function checkMap(value: Map, schema: Schema, field: string, context: Context): readonly Finding[] {
  const at = (name: string): string => (field === "" ? name : `${field}.${name}`);
  const missing = (schema.required ?? []).filter((name) => !(name in value));
  return [
    ...missing.map((name) => context.complain(at(name), undefined, "must be given")),
    ...Object.entries(value).flatMap(([name, member]) => {
      const inner = schema.properties?.[name] ?? schema.additionalProperties;
      if (typeof inner === "object") return check(member, inner, at(name), context);
      const isOpen = inner === true || schema["x-kubernetes-preserve-unknown-fields"] || !schema.properties;
      return isOpen ? [] : [context.complain(at(name), member, unknownField(name, schema))];
    }),
  ];
}

function unknownField(name: string, { properties = {} }: Schema): string {
  const nearest = nearestOf(name, Object.keys(properties));
  return `is of a field that there is not${nearest === null ? "" : `; ${nearest} there is`}`;
}

function checkScalar(value: unknown, schema: Schema): readonly string[] {
  const { enum: choices, pattern, minimum = -Infinity, maximum = Infinity } = schema;
  const { minLength = 0, maxLength = Infinity } = schema;
  const wrong: string[] = [];
  if (choices && !choices.includes(value)) wrong.push(`is none of ${choices.join(", ")}`);
  if (typeof value === "number" && (value < minimum || value > maximum))
    wrong.push(`is not from ${minimum} to ${maximum}`);
  if (typeof value !== "string") return wrong;
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) wrong.push(`does not match ${pattern}`);
  if (value.length < minLength || value.length > maxLength)
    wrong.push(`has not ${minLength} to ${maxLength} characters`);
  return wrong;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

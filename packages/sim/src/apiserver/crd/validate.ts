import { isMap, type JsonMap } from "../objects/model.ts";
import { sameJson } from "../objects/equality.ts";
import { keyOf } from "../schema/fieldSchema.ts";
import { type Cause, duplicateField, invalidValue, requiredField, unsupportedValue } from "../status.ts";
import { type JsonSchema, listKindOf, memberSchema } from "./jsonSchema.ts";

type Check = (value: unknown, schema: JsonSchema, path: string) => readonly Cause[];

/** Every place where `value` does not follow `schema`, in the words of the real server. */
export function validateStructure(value: unknown, schema: JsonSchema, path: string): readonly Cause[] {
  if (value === null && schema.nullable) return [];
  const wrongType = checkType(value, schema, path);
  if (wrongType.length > 0) return wrongType;
  return checks.flatMap((check) => check(value, schema, path));
}

function checkType(value: unknown, schema: JsonSchema, path: string): readonly Cause[] {
  const wanted = schema["x-kubernetes-int-or-string"] ? ["integer", "string"] : schema.type ? [schema.type] : [];
  const actual = typeOf(value);
  if (wanted.length === 0 || wanted.includes(actual)) return [];
  if (actual === "integer" && wanted.includes("number")) return [];
  return [typeInvalid(path, actual, wanted.join(","))];
}

function typeInvalid(path: string, actual: string, wanted: string): Cause {
  return {
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: "${actual}": ${path} in body must be of type ${wanted}: "${actual}"`,
    field: path,
  };
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

const checkMembers: Check = (value, schema, path) => {
  if (!isMap(value)) return [];
  const missing = (schema.required ?? [])
    .filter((name) => !(name in value))
    .map((name) => requiredField(join(path, name)));
  const members = Object.entries(value).flatMap(([name, member]) => {
    const inner = memberSchema(schema, name);
    return inner ? validateStructure(member, inner, join(path, name)) : [];
  });
  return [...members, ...missing, ...checkCount(value, schema, path)];
};

function checkCount(value: JsonMap, schema: JsonSchema, path: string): readonly Cause[] {
  const count = Object.keys(value).length;
  const tooFew = count < (schema.minProperties ?? 0);
  const tooMany = count > (schema.maxProperties ?? Infinity);
  return [
    ...(tooFew
      ? [invalidValue(path, value, `${path} in body should have at least ${schema.minProperties} properties`)]
      : []),
    ...(tooMany ? [tooManyOf(path, count, schema.maxProperties)] : []),
  ];
}

const checkList: Check = (value, schema, path) => {
  if (!Array.isArray(value)) return [];
  const items = value.flatMap((item, index) =>
    schema.items ? validateStructure(item, schema.items, `${path}[${index}]`) : [],
  );
  const tooFew = value.length < (schema.minItems ?? 0);
  return [
    ...items,
    ...(tooFew
      ? [invalidValue(path, value.length, `${path} in body should have at least ${schema.minItems} items`)]
      : []),
    ...(value.length > (schema.maxItems ?? Infinity) ? [tooManyOf(path, value.length, schema.maxItems)] : []),
    ...duplicates(value, schema, path),
  ];
};

function tooManyOf(field: string, count: number, most: number | undefined): Cause {
  return { reason: "FieldValueTooMany", message: `Too many: ${count}: must have at most ${most} items`, field };
}

function duplicates(list: readonly unknown[], schema: JsonSchema, path: string): readonly Cause[] {
  const kind = listKindOf(schema);
  if (kind.type === "atomic") return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const key = kind.type === "map" && isMap(item) ? keyOf(item, kind.keys) : item;
    const text = JSON.stringify(key);
    if (seen.has(text)) return [duplicateField(`${path}[${index}]`, key)];
    seen.add(text);
    return [];
  });
}

const checkText: Check = (value, schema, path) => {
  if (typeof value !== "string") return [];
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  const tooLong: Cause = {
    reason: "FieldValueTooLong",
    message: `Too long: may not be more than ${maxLength} bytes`,
    field: path,
  };
  return [
    ...(value.length > maxLength ? [tooLong] : []),
    ...(value.length < minLength
      ? [invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`)]
      : []),
    ...(pattern && value.length <= maxLength && !matches(pattern, value)
      ? [invalidValue(path, value, `${path} in body should match '${pattern}'`)]
      : []),
    ...checkFormat(value, schema, path),
  ];
};

const patterns = new Map<string, RegExp>();

function matches(pattern: string, value: string): boolean {
  const compiled = patterns.get(pattern) ?? new RegExp(pattern, "u");
  patterns.set(pattern, compiled);
  return compiled.test(value);
}

function checkFormat(value: string, { format }: JsonSchema, path: string): readonly Cause[] {
  if (format !== "date-time" || !Number.isNaN(Date.parse(value))) return [];
  return [invalidValue(path, value, `${path} in body must be of type date-time: ${JSON.stringify(value)}`)];
}

const checkNumber: Check = (value, schema, path) => {
  if (typeof value !== "number") return [];
  return [...checkLeast(value, schema, path), ...checkMost(value, schema, path)];
};

function checkLeast(value: number, { minimum, exclusiveMinimum }: JsonSchema, path: string): readonly Cause[] {
  if (minimum === undefined || value > minimum || (value === minimum && !exclusiveMinimum)) return [];
  const bound = exclusiveMinimum ? "greater than" : "greater than or equal to";
  return [invalidValue(path, value, `${path} in body should be ${bound} ${minimum}`)];
}

function checkMost(value: number, { maximum, exclusiveMaximum }: JsonSchema, path: string): readonly Cause[] {
  if (maximum === undefined || value < maximum || (value === maximum && !exclusiveMaximum)) return [];
  const bound = exclusiveMaximum ? "less than" : "less than or equal to";
  return [invalidValue(path, value, `${path} in body should be ${bound} ${maximum}`)];
}

const checkMultiple: Check = (value, { multipleOf }, path) => {
  if (typeof value !== "number" || multipleOf === undefined) return [];
  const times = value / multipleOf;
  if (Math.abs(times - Math.round(times)) <= 1e-9) return [];
  return [invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`)];
};

const checkEnum: Check = (value, schema, path) => {
  if (!schema.enum || schema.enum.some((allowed) => sameJson(allowed, value))) return [];
  return [unsupportedValue(path, value, schema.enum)];
};

const checkLogic: Check = (value, schema, path) => {
  const holds = (inner: JsonSchema): boolean => validateStructure(value, inner, path).length === 0;
  const complain = (how: string): Cause => ({
    reason: "FieldValueInvalid",
    message: `Invalid value: "": ${JSON.stringify(path)} must ${how}`,
    field: rootIfEmpty(path),
  });
  return [
    ...(schema.allOf ?? []).flatMap((inner) => validateStructure(value, inner, path)),
    ...(schema.anyOf && !schema.anyOf.some(holds) ? [complain("validate at least one schema (anyOf)")] : []),
    ...(schema.oneOf && schema.oneOf.filter(holds).length !== 1
      ? [complain("validate one and only one schema (oneOf)")]
      : []),
    ...(schema.not && holds(schema.not) ? [complain("not validate the schema (not)")] : []),
  ];
};

const checks: readonly Check[] = [
  checkEnum,
  checkText,
  checkNumber,
  checkMultiple,
  checkList,
  checkMembers,
  checkLogic,
];

/** A cause's field where the object itself is meant. */
export function rootIfEmpty(path: string): string {
  return path === "" ? "<nil>" : path;
}

/** The path of the member `name` of the object at `path`. */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

import { Environment, Optional, type ParseResult } from "@marcbachmann/cel-js";
import { describeError, parseQuantity } from "@walras/kit";

import { isMap, type JsonMap } from "../objects/model.ts";
import { keyOf } from "../schema/fieldSchema.ts";
import type { Cause } from "../status.ts";
import { type JsonSchema, listKindOf, memberSchema, type ValidationRule } from "./jsonSchema.ts";
import { join, rootIfEmpty } from "./validate.ts";

/** A Kubernetes quantity inside a rule. */
class Quantity {
  readonly amount: number;

  constructor(text: string) {
    this.amount = parseQuantity(text, "quantity");
  }
}

const environment = makeEnvironment();
const compiled = new Map<string, ParseResult>();

/** CEL with the functions of the Kubernetes quantity library that rules use most. */
function makeEnvironment(): Environment {
  return new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  })
    .registerType("Quantity", Quantity)
    .registerFunction("quantity(string): Quantity", (text: string) => new Quantity(text))
    .registerFunction("isQuantity(string): bool", isQuantity)
    .registerFunction(
      "Quantity.isGreaterThan(Quantity): bool",
      (left: Quantity, right: Quantity) => left.amount > right.amount,
    )
    .registerFunction(
      "Quantity.isLessThan(Quantity): bool",
      (left: Quantity, right: Quantity) => left.amount < right.amount,
    )
    .registerFunction("Quantity.compareTo(Quantity): int", (left: Quantity, right: Quantity) =>
      BigInt(Math.sign(left.amount - right.amount)),
    )
    .registerFunction("Quantity.sign(): int", (own: Quantity) => BigInt(Math.sign(own.amount)))
    .registerFunction("Quantity.isInteger(): bool", (own: Quantity) => Number.isInteger(own.amount))
    .registerFunction("Quantity.asInteger(): int", (own: Quantity) => BigInt(own.amount))
    .registerFunction("Quantity.asApproximateFloat(): double", (own: Quantity) => own.amount);
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text, "quantity");
    return true;
  } catch {
    return false;
  }
}

function compile(expression: string): ParseResult {
  const known = compiled.get(expression);
  if (known) return known;
  const parsed = environment.parse(expression);
  compiled.set(expression, parsed);
  return parsed;
}

/** Every rule of `schema` that does not parse, for the definition that carries it. */
export function brokenRules(schema: JsonSchema, path: string): readonly Cause[] {
  const own = rulesOf(schema).flatMap(({ rule }, index) => {
    const field = `${path}.x-kubernetes-validations[${index}].rule`;
    try {
      compile(rule);
      return [];
    } catch (thrown) {
      const message = `Invalid value: ${JSON.stringify(rule)}: compilation failed: ${describeError(thrown)}`;
      return [{ reason: "FieldValueInvalid", message, field }];
    }
  });
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    brokenRules(inner, `${path}.properties[${name}]`),
  );
  return [...own, ...members, ...(schema.items ? brokenRules(schema.items, `${path}.items`) : [])];
}

function rulesOf(schema: JsonSchema): readonly ValidationRule[] {
  return schema["x-kubernetes-validations"] ?? [];
}

/** A value now, before (undefined on create) and where it is. */
export interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
}

/**
 * Evaluates x-kubernetes-validations from the root down. Rules that speak of
 * oldSelf are skipped where there was nothing before, unless optionalOldSelf.
 */
export function validateRules(place: Place, schema: JsonSchema): readonly Cause[] {
  if (place.value === null || place.value === undefined) return [];
  const own = rulesOf(schema).flatMap((rule) => checkRule(rule, place, schema));
  const inner = Array.isArray(place.value) ? itemsOf(place.value, place, schema) : membersOf(place, schema);
  return [...own, ...inner];
}

function membersOf({ value, old, path }: Place, schema: JsonSchema): readonly Cause[] {
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = memberSchema(schema, name);
    if (!inner) return [];
    return validateRules({ value: member, old: isMap(old) ? old[name] : undefined, path: join(path, name) }, inner);
  });
}

/** Only the elements of keyed lists have a past. */
function itemsOf(list: readonly unknown[], { old, path }: Place, schema: JsonSchema): readonly Cause[] {
  const { items } = schema;
  if (!items) return [];
  const kind = listKindOf(schema);
  const keyText = (item: unknown): string =>
    kind.type === "map" && isMap(item) ? JSON.stringify(keyOf(item, kind.keys)) : "";
  const before = new Map(
    Array.isArray(old) && kind.type === "map" ? old.map((item) => [keyText(item), item as unknown]) : [],
  );
  return list.flatMap((value, index) => {
    return validateRules({ value, old: before.get(keyText(value)), path: `${path}[${index}]` }, items);
  });
}

function checkRule(rule: ValidationRule, { value, old, path }: Place, schema: JsonSchema): readonly Cause[] {
  const transition = /\boldSelf\b/.test(rule.rule);
  if (transition && old === undefined && !rule.optionalOldSelf) return [];
  const before = rule.optionalOldSelf ? optional(old, schema) : toCel(old, schema);
  const context: Record<string, unknown> = { self: toCel(value, schema), ...(transition ? { oldSelf: before } : {}) };
  const field = rootIfEmpty(rule.fieldPath ? `${path}${rule.fieldPath}`.replace(/^\./, "") : path);
  try {
    return compile(rule.rule)(context) === true ? [] : [failed(rule, context, field)];
  } catch (thrown) {
    const message = `Invalid value: "${typeof value}": ${describeError(thrown)} evaluating rule: ${rule.message ?? rule.rule}`;
    return [{ reason: "FieldValueInvalid", message, field }];
  }
}

function optional(old: unknown, schema: JsonSchema): Optional {
  return old === undefined ? Optional.none() : Optional.of(toCel(old, schema));
}

const prefixes: Readonly<Record<string, string>> = {
  FieldValueInvalid: "Invalid value",
  FieldValueForbidden: "Forbidden",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
};

function failed(rule: ValidationRule, context: Record<string, unknown>, field: string): Cause {
  const reason = rule.reason ?? "FieldValueInvalid";
  const message = spoken(rule, context) ?? rule.message ?? `failed rule: ${rule.rule}`;
  return { reason, message: `${prefixes[reason] ?? "Invalid value"}: ${message}`, field };
}

function spoken({ messageExpression }: ValidationRule, context: Record<string, unknown>): string | undefined {
  if (!messageExpression) return undefined;
  try {
    return String(compile(messageExpression)(context));
  } catch {
    return undefined;
  }
}

/** Integers as CEL's int, by the schema; everything else as it is. */
function toCel(value: unknown, schema: JsonSchema): unknown {
  const whole = schema.type === "integer" || schema["x-kubernetes-int-or-string"];
  if (typeof value === "number") return whole && Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema.items ?? {}));
  return isMap(value) ? mapToCel(value, schema) : value;
}

/** Keys that are words of CEL are written with underscores around them in rules, as Kubernetes does. */
const reservedWords: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function mapToCel(map: JsonMap, schema: JsonSchema): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      reservedWords.has(name) ? `__${name}__` : name,
      toCel(value, memberSchema(schema, name) ?? {}),
    ]),
  );
}

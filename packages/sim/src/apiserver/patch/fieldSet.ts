import { sameJson } from "../objects/equality.ts";
import { asList, isMap, type JsonMap } from "../objects/model.ts";
import { type FieldSchema, keyOf } from "../schema/fieldSchema.ts";

/**
 * A set of field paths in FieldsV1 form: "f:name" is a member of an object,
 * "k:{…}" an element of a keyed list, "v:…" a value of a set. A node without
 * children, or with ".", is itself in the set.
 */
export type FieldSet = JsonMap;

const leaf: FieldSet = Object.freeze({});

/** One step of a path: its FieldsV1 name, the value there and its schema. */
interface Member {
  readonly step: string;
  readonly value: unknown;
  readonly schema: FieldSchema;
}

/** What `value` is made of; empty where it has one owner as a whole. */
function membersOf(value: unknown, schema: FieldSchema): readonly Member[] {
  if (schema.atomic) return [];
  if (isMap(value)) {
    return Object.entries(value).map(([name, inner]) => ({
      step: `f:${name}`,
      value: inner,
      schema: schema.child(name),
    }));
  }
  if (!Array.isArray(value)) return [];
  return elementsOf(value, schema);
}

function elementsOf(list: readonly unknown[], schema: FieldSchema): readonly Member[] {
  const { list: kind, item } = schema;
  if (kind.type === "set") return list.map((value) => ({ step: `v:${JSON.stringify(value)}`, value, schema: item }));
  if (kind.type !== "map" || !list.every(isMap)) return [];
  return list.map((value) => ({ step: `k:${JSON.stringify(keyOf(value, kind.keys))}`, value, schema: item }));
}

/** Every leaf of `value`, and the keyed elements themselves. */
export function fieldsOf(value: unknown, schema: FieldSchema): FieldSet {
  const entries = membersOf(value, schema).map(({ step, value: inner, schema: innerSchema }) => {
    const fields = fieldsOf(inner, innerSchema);
    return [step, step.startsWith("k:") ? { ".": leaf, ...fields } : fields];
  });
  return Object.fromEntries(entries) as FieldSet;
}

/** The fields of `after` that `before` lacks or has otherwise; undefined where there are none. */
export function changedFields(before: unknown, after: unknown, schema: FieldSchema): FieldSet | undefined {
  if (before === after || sameJson(before, after)) return undefined;
  const members = membersOf(after, schema);
  if (members.length === 0) return leaf;
  const old = new Map(membersOf(before, schema).map(({ step, value }) => [step, value]));
  const fields: Record<string, FieldSet> = before === undefined ? { ".": leaf } : {};
  for (const { step, value, schema: inner } of members) {
    const changed = changedFields(old.get(step), value, inner);
    if (changed) fields[step] = changed;
  }
  return Object.keys(fields).length > 0 ? fields : undefined;
}

function contains(set: FieldSet): boolean {
  return "." in set || Object.keys(set).length === 0;
}

/** Both sets' paths. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  const joined: Record<string, unknown> = { ...left };
  for (const [step, inner] of Object.entries(right)) {
    const own = left[step];
    joined[step] = isMap(own) ? union(own, inner as FieldSet) : inner;
  }
  const inner = Object.keys(joined).some((step) => step !== ".");
  if (!inner) return leaf;
  return contains(left) || contains(right) ? { ...joined, ".": leaf } : joined;
}

/** The paths of `set` that are not in `gone`; undefined where none is left. */
export function subtract(set: FieldSet, gone: FieldSet): FieldSet | undefined {
  if (Object.keys(set).length === 0) return contains(gone) ? undefined : set;
  const left: Record<string, unknown> = {};
  for (const [step, inner] of Object.entries(set)) {
    const other = gone[step];
    if (step === "." ? contains(gone) : isMap(other) && !subtract(inner as FieldSet, other)) continue;
    left[step] = step !== "." && isMap(other) ? subtract(inner as FieldSet, other) : inner;
  }
  return Object.keys(left).length > 0 ? left : undefined;
}

/** The paths of `set` that exist in `value`; undefined where none does. */
export function existing(set: FieldSet, value: unknown, schema: FieldSchema): FieldSet | undefined {
  if (Object.keys(set).length === 0) return set;
  const members = new Map(membersOf(value, schema).map((member) => [member.step, member]));
  const kept: Record<string, unknown> = {};
  for (const [step, inner] of Object.entries(set)) {
    const member = members.get(step);
    const left = step === "." ? leaf : member && existing(inner as FieldSet, member.value, member.schema);
    if (left) kept[step] = left;
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** `value` without the paths of `set`; undefined where nothing is left of it. */
export function removeFields(value: unknown, set: FieldSet, schema: FieldSchema): unknown {
  const left = membersOf(value, schema).flatMap((member) => {
    const gone = set[member.step];
    if (!isMap(gone)) return [member];
    if (contains(gone)) return [];
    const rest = removeFields(member.value, gone, member.schema);
    return rest === undefined ? [] : [{ ...member, value: rest }];
  });
  if (left.length === 0) return undefined;
  if (Array.isArray(value)) return left.map((member) => member.value);
  return Object.fromEntries(left.map((member) => [member.step.slice("f:".length), member.value]));
}

/** The fields of `own` that are also in `other`, but whose values differ; undefined where there are none. */
export function conflictingFields(
  [own, other]: readonly [FieldSet, FieldSet],
  [left, right]: readonly [unknown, unknown],
  schema: FieldSchema,
): FieldSet | undefined {
  if (isLeaf(own) || isLeaf(other)) return contains(own) && contains(other) && !agrees(left, right) ? leaf : undefined;
  const others = new Map(membersOf(right, schema).map(({ step, value }) => [step, value]));
  const conflicts = membersOf(left, schema).flatMap(({ step, value, schema: inner }) => {
    const [ownInner, otherInner] = [own[step], other[step]];
    if (!isMap(ownInner) || !isMap(otherInner)) return [];
    const found = conflictingFields([ownInner, otherInner], [value, others.get(step)], inner);
    return found ? [[step, found] as const] : [];
  });
  return conflicts.length > 0 ? Object.fromEntries(conflicts) : undefined;
}

/** An empty object or list asks for nothing, so it agrees with any other of its sort. */
function agrees(left: unknown, right: unknown): boolean {
  const empty = typeof left === "object" && left !== null && Object.keys(left).length === 0;
  return sameJson(left, right) || (empty && Array.isArray(left) === Array.isArray(right) && typeof right === "object");
}

function isLeaf(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** Every path of a set, as ".spec.containers[name=\"a\"].image". */
export function pathsOf(set: FieldSet): readonly string[] {
  const steps = Object.entries(set).filter(([step]) => step !== ".");
  const own = contains(set) ? [""] : [];
  return [
    ...own,
    ...steps.flatMap(([step, inner]) => pathsOf(inner as FieldSet).map((path) => shownStep(step) + path)),
  ];
}

function shownStep(step: string): string {
  if (step.startsWith("f:")) return `.${step.slice(2)}`;
  if (step.startsWith("v:")) return `[=${step.slice(2)}]`;
  const keys = Object.entries(JSON.parse(step.slice(2)) as JsonMap);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}

/** `live` with every field of `applied`; keyed lists merge by element, atomic values are replaced. */
export function mergeApplied(live: unknown, applied: unknown, schema: FieldSchema): unknown {
  if (schema.atomic) return applied;
  if (isMap(applied)) return mergeMaps(isMap(live) ? live : {}, applied, schema);
  if (Array.isArray(applied) && schema.list.type !== "atomic") return mergeLists(asList(live), applied, schema);
  return applied;
}

function mergeMaps(live: JsonMap, applied: JsonMap, schema: FieldSchema): JsonMap {
  const merged: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    if (value !== null) merged[name] = mergeApplied(live[name], value, schema.child(name));
  }
  return merged;
}

function mergeLists(live: readonly unknown[], applied: readonly unknown[], schema: FieldSchema): readonly unknown[] {
  const merged = new Map(elementsOf(live, schema).map(({ step, value }) => [step, value]));
  for (const { step, value } of elementsOf(applied, schema)) {
    merged.set(step, mergeApplied(merged.get(step), value, schema.item));
  }
  return [...merged.values()];
}

/** A JSON object of unknown shape. Stored ones are deeply frozen. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** metadata.ownerReferences[] */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly blockOwnerDeletion?: boolean;
}

/** metadata.managedFields[]: which fields a manager last set, in FieldsV1 form. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: "FieldsV1";
  readonly fieldsV1: JsonMap;
  readonly subresource?: string;
}

/** metadata of every object. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Any Kubernetes object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: JsonMap;
  readonly status?: JsonMap;
  readonly [field: string]: unknown;
}

/** Whether `value` is a JSON object: neither null nor an array. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` where it is a JSON object, else an empty one. */
export function asMap(value: unknown): JsonMap {
  return isMap(value) ? value : emptyMap;
}

/** `value` where it is a list, else an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : emptyList;
}

/** The objects of the list `value`; other elements are left out. */
export function mapsOf(value: unknown): readonly JsonMap[] {
  return asList(value).filter(isMap);
}

/** `value` where it is a string, else empty. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A string, number or boolean as text; empty for everything else. */
export function plainText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The value at `path` inside `root`; undefined where the way ends early. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) value = isMap(value) ? value[key] : undefined;
  return value;
}

/** A copy of `root` with `value` at `path`, making the objects on the way. */
export function withValueAt<Root extends JsonMap>(root: Root, path: readonly string[], value: unknown): Root {
  const [key, ...rest] = path;
  if (key === undefined) return root;
  const inner = rest.length === 0 ? value : withValueAt(asMap(root[key]), rest, value);
  return { ...root, [key]: inner };
}

/** A copy of `map` without `keys`. */
export function without<Map extends JsonMap>(map: Map, ...keys: readonly string[]): Map {
  if (!keys.some((key) => key in map)) return map;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key))) as Map;
}

const emptyMap: JsonMap = Object.freeze({});
const emptyList: readonly unknown[] = Object.freeze([]);

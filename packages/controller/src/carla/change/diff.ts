import type { ManagedResource } from "../argocd/port.ts";
import type { Change } from "../decide/snapshot.ts";

/** Written by the cluster, not by people. */
const ignoredMetadata = new Set([
  "managedFields",
  "resourceVersion",
  "generation",
  "uid",
  "creationTimestamp",
  "selfLink",
]);
const ignoredAnnotation = /^(kubectl\.kubernetes\.io\/last-applied-configuration|argocd\.argoproj\.io\/.*)$/;

/**
 * How large a change is: the leaf fields that differ between what is and what
 * would be, over all objects. An object that comes or goes counts all of its
 * leaves. Lists of named things (containers, ports, volumes) are compared by name.
 */
export function changeOf(resources: readonly ManagedResource[]): Change {
  const changed = resources
    .map(({ kind, live, predicted }) => ({ kind, fields: differences(trimmed(live), trimmed(predicted)) }))
    .filter(({ fields }) => fields > 0);
  return {
    changedFields: changed.reduce((sum, { fields }) => sum + fields, 0),
    objects: changed.length,
    kinds: [...new Set(changed.map(({ kind }) => kind))].toSorted(),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Without what the cluster writes. */
function trimmed(state: unknown): unknown {
  if (!isFields(state)) return state;
  const { status: _, metadata, ...rest } = state;
  return isFields(metadata) ? { ...rest, metadata: trimmedMetadata(metadata) } : rest;
}

function trimmedMetadata(metadata: Fields): Fields {
  const kept = Object.entries(metadata).filter(([key]) => !ignoredMetadata.has(key));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (key !== "annotations" || !isFields(value)) return [key, value];
      return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !ignoredAnnotation.test(name)))];
    }),
  );
}

/** Number of leaves that one has and the other has not, or has otherwise. */
function differences(one: unknown, other: unknown): number {
  if (Object.is(one, other)) return 0;
  if (Array.isArray(one) && Array.isArray(other)) return differences(keyed(one, other), keyed(other, one));
  if (!isFields(one) || !isFields(other)) return Math.max(leaves(one), leaves(other));
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  let sum = 0;
  for (const key of keys) sum += differences(own(one, key), own(other, key));
  return sum;
}

/** By name where everything in both lists has one, else by place. */
function keyed(list: readonly unknown[], other: readonly unknown[]): Fields {
  const named = [...list, ...other].every((item) => isFields(item) && typeof item["name"] === "string");
  return Object.fromEntries(
    list.map((item, index) => [named ? String((item as Fields)["name"]) : String(index), item]),
  );
}

/** Nothing is no leaf; an empty object or list is one. */
function leaves(value: unknown): number {
  if (value === undefined || value === null) return value === null ? 1 : 0;
  if (typeof value !== "object") return 1;
  const inner = Object.values(value);
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, item) => sum + leaves(item), 0);
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

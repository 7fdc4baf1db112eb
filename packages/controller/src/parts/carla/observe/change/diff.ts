import type { ManagedResource } from "../../argocd/port.ts";
import type { Change } from "../../decide/snapshot.ts";

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
    .map(({ kind, live, predicted }) => ({
      kind,
      fields: differences(trimmed(live), trimmed(predicted)),
      goes: live !== null && predicted === null,
    }))
    .filter(({ fields }) => fields > 0);
  return {
    changedFields: changed.reduce((sum, { fields }) => sum + fields, 0),
    objects: changed.length,
    kinds: [...new Set(changed.map(({ kind }) => kind))].toSorted(),
    prunes: changed.filter(({ goes }) => goes).length,
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
  const { annotations, ...others } = metadata;
  const kept = Object.entries(others).filter(([key]) => !ignoredMetadata.has(key));
  return Object.fromEntries([...kept, ...trimmedAnnotations(annotations)]);
}

/** None left is the same as none at all: the last one may have been the cluster's. */
function trimmedAnnotations(annotations: unknown): readonly [string, unknown][] {
  if (annotations === undefined) return [];
  if (!isFields(annotations)) return [["annotations", annotations]];
  const kept = Object.entries(annotations).filter(([name]) => !ignoredAnnotation.test(name));
  return kept.length === 0 ? [] : [["annotations", Object.fromEntries(kept)]];
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

/** By name where everything in both lists has one of its own, else by place. */
function keyed(list: readonly unknown[], other: readonly unknown[]): Fields {
  const names = namesOf(list);
  const byName = names && namesOf(other) ? names : undefined;
  return Object.fromEntries(list.map((item, index) => [byName?.[index] ?? String(index), item]));
}

/** undefined: something has none, or two share one, as variables of a container may. */
function namesOf(list: readonly unknown[]): readonly string[] | undefined {
  const names = list.flatMap((item) => (isFields(item) && typeof item["name"] === "string" ? [item["name"]] : []));
  return new Set(names).size === list.length ? names : undefined;
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

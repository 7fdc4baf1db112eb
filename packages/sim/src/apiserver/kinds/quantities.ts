import { isMap, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { canonicalQuantity } from "../objects/quantity.ts";

/** Amounts by resource name, each in canonical form; the same map where nothing changes. */
export function canonicalAmounts(amounts: unknown, field: string): unknown {
  if (!isMap(amounts)) return amounts;
  const entries = Object.entries(amounts).map(([name, value]) => {
    return [name, canonicalQuantity(String(value), `${field}[${name}]`)] as const;
  });
  return entries.every(([name, value]) => amounts[name] === value) ? amounts : Object.fromEntries(entries);
}

/** `{requests, limits}` in canonical form. */
export function canonicalResources(resources: unknown, field: string): unknown {
  if (!isMap(resources)) return resources;
  return mapMembers(resources, ["requests", "limits"], (side, name) => canonicalAmounts(side, `${field}.${name}`));
}

/** status.capacity and status.allocatable of a node. */
export function canonicalNode(node: KubeObject): KubeObject {
  if (!node.status) return node;
  const status = mapMembers(node.status, ["capacity", "allocatable"], (amounts, name) =>
    canonicalAmounts(amounts, `status.${name}`),
  );
  return status === node.status ? node : { ...node, status };
}

/** spec.hard of a quota. */
export function canonicalQuota(quota: KubeObject): KubeObject {
  if (!quota.spec) return quota;
  return { ...quota, spec: mapMembers(quota.spec, ["hard"], (hard) => canonicalAmounts(hard, "spec.hard")) };
}

const limitSides = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

/** spec.limits[] of a LimitRange. */
export function canonicalLimitRange(range: KubeObject): KubeObject {
  const limits = mapsOf(range.spec?.["limits"]).map((limit) => {
    return mapMembers(limit, limitSides, (amounts, name) => canonicalAmounts(amounts, `spec.limits.${name}`));
  });
  return { ...range, spec: { ...range.spec, limits } };
}

/** Replaces the named members that exist; the same object where nothing changes. */
export function mapMembers(
  map: JsonMap,
  names: readonly string[],
  change: (value: unknown, name: string) => unknown,
): JsonMap {
  const changed = names
    .filter((name) => name in map)
    .map((name) => [name, change(map[name], name)] as const)
    .filter(([name, value]) => value !== map[name]);
  return changed.length === 0 ? map : { ...map, ...Object.fromEntries(changed) };
}

import { isMap, type JsonMap, mapsOf } from "../objects/model.ts";
import { sameJson } from "../objects/equality.ts";
import { badRequest } from "../status.ts";

/** patchMergeKey of the built-in kinds' lists, by field name. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  imagePullSecrets: "name",
  resourceClaims: "name",
  secrets: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  conditions: "type",
  addresses: "type",
  taints: "key",
  ownerReferences: "uid",
  podIPs: "ip",
  hostIPs: "ip",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
};

const mergedPrimitives: ReadonlySet<string> = new Set(["finalizers"]);

/**
 * Kubernetes' strategic merge: as a merge patch, but keyed lists merge by
 * element, with `$patch: delete|replace|merge`, `$retainKeys`,
 * `$deleteFromPrimitiveList/x` and `$setElementOrder/x`.
 */
export function applyStrategicPatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  if (patch["$patch"] === "delete") return {};
  const merged: Record<string, unknown> = retained(isMap(target) ? target : {}, patch["$retainKeys"]);
  for (const [key, value] of Object.entries(patch)) mergeMember(merged, key, value);
  for (const [key, value] of Object.entries(patch)) reorder(merged, key, value);
  return merged;
}

function mergeMember(merged: Record<string, unknown>, key: string, value: unknown): void {
  const primitives = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key)?.[1];
  if (primitives) merged[primitives] = lacking(merged[primitives], value);
  if (key.startsWith("$")) return;
  if (value === null) delete merged[key];
  else if (Array.isArray(value)) merged[key] = mergeList(key, merged[key], value);
  else merged[key] = applyStrategicPatch(merged[key], value);
}

function mergeList(field: string, target: unknown, patch: readonly unknown[]): unknown {
  if (mergedPrimitives.has(field)) return [...new Set([...(Array.isArray(target) ? target : []), ...patch])];
  const key = mergeKeys[field];
  if (!key || !patch.every(isMap)) return patch;
  if (patch.some((element) => element["$patch"] === "replace" && !(key in element))) {
    return patch.filter((element) => element["$patch"] !== "replace");
  }
  return patch.reduce((list, element) => mergeElement(list, element, key), mapsOf(target));
}

function mergeElement(list: readonly JsonMap[], patch: JsonMap, key: string): readonly JsonMap[] {
  if (!(key in patch)) {
    throw badRequest(`map: map[] does not contain declared merge key: ${key}`);
  }
  const index = list.findIndex((element) => sameJson(element[key], patch[key]));
  if (patch["$patch"] === "delete") return index < 0 ? list : list.toSpliced(index, 1);
  const merged = applyStrategicPatch(index < 0 ? {} : list[index], patch) as JsonMap;
  return index < 0 ? [...list, merged] : list.with(index, merged);
}

function reorder(merged: Record<string, unknown>, directive: string, order: unknown): void {
  const field = /^\$setElementOrder\/(.+)$/.exec(directive)?.[1];
  if (!field || !Array.isArray(order) || !Array.isArray(merged[field])) return;
  const key = mergeKeys[field];
  const nameOf = (element: unknown): string => JSON.stringify(key && isMap(element) ? element[key] : element);
  const rank = new Map(order.map((element, index) => [nameOf(element), index]));
  const rankOf = (element: unknown): number => rank.get(nameOf(element)) ?? rank.size;
  merged[field] = (merged[field] as unknown[]).toSorted((left, right) => rankOf(left) - rankOf(right));
}

function retained(target: JsonMap, keys: unknown): Record<string, unknown> {
  if (!Array.isArray(keys)) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function lacking(target: unknown, gone: unknown): unknown {
  if (!Array.isArray(target) || !Array.isArray(gone)) return target;
  return target.filter((value) => !gone.includes(value));
}

function withoutDirectives(patch: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith("$")));
}

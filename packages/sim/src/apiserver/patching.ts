import { deepFreeze } from "./objects/equality.ts";
import { decodeObject } from "./objects/decode.ts";
import { isMap, type JsonMap, type KubeObject, without } from "./objects/model.ts";
import { applyServerSide } from "./patch/apply.ts";
import { applyJsonPatch } from "./patch/json.ts";
import type { Manager } from "./patch/managers.ts";
import { applyMergePatch } from "./patch/merge.ts";
import { applyStrategicPatch } from "./patch/strategic.ts";
import type { ResourceType } from "./resources.ts";
import { badRequest, invalid, requiredField, unsupportedMediaType } from "./status.ts";

/** The content type of server-side apply. */
export const applyType = "application/apply-patch+yaml";

type PatchFunction = (target: JsonMap, patch: unknown) => unknown;

const patchers: Readonly<Record<string, PatchFunction>> = {
  "application/json-patch+json": applyJsonPatch,
  "application/merge-patch+json": applyMergePatch,
  "application/strategic-merge-patch+json": applyStrategicPatch,
};

/**
 * `target` changed by a patch of one of the three plain types.
 *
 * @throws ApiFailure 400, 415 or 422
 */
export function patched(
  type: ResourceType,
  target: JsonMap,
  { contentType, patch }: { contentType: string; patch: unknown },
): JsonMap {
  const accepted = [...Object.keys(patchers), applyType].filter((name) => !type.custom || !name.includes("strategic"));
  const patcher = accepted.includes(contentType) ? patchers[contentType] : undefined;
  if (!patcher) throw unsupportedMediaType(accepted);
  if (!contentType.includes("json-patch") && !isMap(patch)) throw badRequest("error decoding patch: it is no object");
  const result = patcher(target, patch);
  if (!isMap(result)) throw badRequest("the patch leaves no object");
  return deepFreeze(result);
}

/** What a server-side apply needs to know besides the body. */
export interface ApplyOptions {
  readonly manager: Manager;
  readonly force: boolean;
  readonly name: string;
  readonly namespace: string;
}

/**
 * What an apply asks for, restricted to what the endpoint may change.
 *
 * @throws ApiFailure 400 for a body that is no such object, 422 without a field manager
 */
export function appliedObject(
  type: ResourceType,
  body: unknown,
  { manager, name, namespace }: ApplyOptions,
): KubeObject {
  if (!manager.manager) {
    throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, [
      requiredField("fieldManager", "is required for apply patch"),
    ]);
  }
  const applied = decodeObject(type, body);
  if ((applied.metadata.managedFields ?? []).length > 0) throw badRequest("metadata.managedFields must be nil");
  if (applied.metadata.name && applied.metadata.name !== name) {
    throw badRequest(`the name of the object (${applied.metadata.name}) does not match the name on the URL (${name})`);
  }
  const metadata = { ...applied.metadata, name, ...(type.namespaced ? { namespace } : {}) };
  return restricted(type, { ...applied, metadata }, manager.subresource ?? "");
}

function restricted(type: ResourceType, applied: KubeObject, subresource: string): KubeObject {
  if (subresource === "status") {
    const { apiVersion, kind, metadata, status = {} } = applied;
    return { apiVersion, kind, metadata: type.custom ? identityOnly(metadata) : metadata, status };
  }
  return type.subresources.includes("status") ? without(applied, "status") : applied;
}

function identityOnly(metadata: KubeObject["metadata"]): KubeObject["metadata"] {
  return without(
    metadata as unknown as JsonMap,
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
  ) as unknown as KubeObject["metadata"];
}

/** The live object (or an empty one) with `applied` merged in; see `applyServerSide`. */
export function withApplied(
  type: ResourceType,
  live: KubeObject | undefined,
  applied: KubeObject,
  options: ApplyOptions,
): KubeObject {
  const { apiVersion, kind, metadata } = applied;
  const base = live ?? { apiVersion, kind, metadata: identityOnly(metadata) };
  const merged = applyServerSide(base, applied, {
    manager: options.manager,
    force: options.force,
    schema: type.schema,
  });
  const { uid, resourceVersion } = metadata;
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  return { ...merged, metadata: { ...merged.metadata, ...preconditions } };
}

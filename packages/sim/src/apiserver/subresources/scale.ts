import { asMap, asText, type JsonMap, type KubeObject, valueAt, withValueAt } from "../objects/model.ts";
import type { ScalePaths } from "../resources.ts";
import { selectorText } from "../selectors.ts";
import { badRequest, invalid, invalidValue } from "../status.ts";

/** The autoscaling/v1 Scale of an object. */
export function scaleOf(object: KubeObject, paths: ScalePaths): JsonMap {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.specReplicas);
  const selector = paths.selector && selectorText(valueAt(object, paths.selector));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: { replicas: valueAt(object, paths.statusReplicas) ?? 0, ...(selector ? { selector } : {}) },
  };
}

/**
 * `object` with what a changed Scale wants.
 *
 * @throws ApiFailure 400 or 422 where the number of replicas is none
 */
export function withScale(object: KubeObject, scale: unknown, paths: ScalePaths): KubeObject {
  const { metadata, spec } = asMap(scale);
  const replicas = asMap(spec)["replicas"] ?? 0;
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) throw badRequest("spec.replicas is no integer");
  if (replicas < 0) {
    throw invalid({ group: "autoscaling", kind: "Scale", name: object.metadata.name }, [
      invalidValue("spec.replicas", replicas, "must be greater than or equal to 0"),
    ]);
  }
  const resourceVersion = asText(asMap(metadata)["resourceVersion"]) || object.metadata.resourceVersion;
  const changed = withValueAt(object, paths.specReplicas, replicas);
  return { ...changed, metadata: { ...changed.metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
}

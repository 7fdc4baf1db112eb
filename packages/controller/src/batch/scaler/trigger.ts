import { errorAt } from "@walras/kit";
import type { MetricSpec, ScaledObjectRef } from "@walras/proto/externalscaler";

import type { ScaledRef } from "./port.ts";

const defaultMetricName = "available_node_count_30s";
/** One value is one job. */
const defaultTarget = 1;

/** @throws FieldError where KEDA's reference names nobody */
export function scaledRefOf(message: ScaledObjectRef | undefined): ScaledRef {
  const { name = "", namespace = "", scalerMetadata: metadata = {} } = message ?? {};
  if (name === "") throw errorAt("scaledObjectRef.name", name, "names no ScaledObject or ScaledJob");
  if (namespace === "") throw errorAt("scaledObjectRef.namespace", namespace, `names no namespace of ${name}`);
  return { namespace, name, metadata };
}

/**
 * What KEDA is to ask and divide by, from the trigger's metadata alone: a
 * ScaledJob whose specification fails looks healthy and idle to KEDA, so
 * telemetry must not make it fail.
 *
 * @throws FieldError naming the key and its value
 */
export function metricSpecOf({ metadata }: ScaledRef): MetricSpec {
  const metricName = metadata["metricName"] ?? defaultMetricName;
  if (metricName.trim() === "") throw errorAt("metadata.metricName", metricName, "is empty");
  const target = targetOf(metadata);
  return { metricName, targetSize: Math.max(1, Math.round(target)), targetSizeFloat: target };
}

function targetOf(metadata: ScaledRef["metadata"]): number {
  const key = metadata["targetSize"] === undefined ? "metricThreshold" : "targetSize";
  const text = metadata[key];
  if (text === undefined) return defaultTarget;
  const target = text.trim() === "" ? Number.NaN : Number(text);
  if (!(target > 0 && target <= Number.MAX_SAFE_INTEGER)) {
    throw errorAt(`metadata.${key}`, text, "is not a number above 0");
  }
  return target;
}

import { errorAt } from "@walras/kit";
import type { MetricSpec, ScaledObjectRef } from "@walras/proto/externalscaler";

import type { ScaledRef } from "../decide/asker.ts";
import { scalerLimits as limits } from "./limits.ts";

const defaultMetricName = "available_node_count_30s";
/** One value is one job. */
const defaultTarget = 1;

/** What says of a trigger which work there is for its jobs. */
export const demandKeys = [
  "demand",
  "selector",
  "promUrl",
  "query",
  "mqttBroker",
  "mqttTopic",
  "demandMetric",
  "mqttWindowSeconds",
  "mqttUsernameFromEnv",
  "mqttPasswordFromEnv",
  "itemsPerJob",
  "completions",
] as const;

/** The same, but in the clear. */
export const credentialKeys = ["mqttUsername", "mqttPassword"] as const;

/** Everything that is read of a trigger's metadata; the rest is KEDA's, or nobody's, and not kept. */
const metadataKeys = ["metricName", "targetSize", "metricThreshold", ...demandKeys, ...credentialKeys] as const;

/** @throws FieldError where KEDA's reference names nobody, or says too much */
export function scaledRefOf(message: ScaledObjectRef | undefined): ScaledRef {
  const { name = "", namespace = "", scalerMetadata = {} } = message ?? {};
  if (name === "") throw errorAt("scaledObjectRef.name", name, "names no ScaledObject or ScaledJob");
  if (namespace === "") throw errorAt("scaledObjectRef.namespace", namespace, `names no namespace of ${name}`);
  return {
    namespace: shortEnough("scaledObjectRef.namespace", namespace, limits.nameChars),
    name: shortEnough("scaledObjectRef.name", name, limits.nameChars),
    metadata: usedOf(scalerMetadata),
  };
}

function usedOf(metadata: ScaledObjectRef["scalerMetadata"]): ScaledRef["metadata"] {
  const used: Record<string, string> = {};
  for (const key of metadataKeys) {
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    if (value !== undefined) used[key] = shortEnough(`metadata.${key}`, value);
  }
  return used;
}

/** @throws FieldError where a text is longer than anybody means it to be */
export function shortEnough(field: string, text: string, mostChars: number = limits.metadataValueChars): string {
  if (text.length > mostChars) throw errorAt(field, text, `is longer than ${mostChars} characters`);
  return text;
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
  // Of a fraction KEDA's rounding could make one job too many, or too few.
  const whole = Math.max(1, Math.round(target));
  return { metricName, targetSize: whole, targetSizeFloat: whole };
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

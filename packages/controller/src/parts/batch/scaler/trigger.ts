import { errorAt, nearestOf } from "@walras/kit";
import type { MetricSpec, ScaledObjectRef } from "@walras/proto/externalscaler";

import { clip } from "../../../base/bounds/clip.ts";
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

/** A trigger's target by its names, of which the first that is there counts. */
const targetKeys = ["targetSize", "metricThreshold", "threshold", "targetValue"] as const;

/** Everything that is read of a trigger's metadata. */
const metadataKeys = ["metricName", ...targetKeys, ...demandKeys, ...credentialKeys] as const;

/** What KEDA reads of it, or has read, and passes on: not kept. */
const kedaKeys = [
  "scalerAddress",
  "serviceURI",
  "enableTLS",
  "unsafeSsl",
  "caCert",
  "tlsClientCert",
  "tlsClientKey",
  "tlsCertFile",
] as const;

const knownKeys: ReadonlySet<string> = new Set([...metadataKeys, ...kedaKeys]);

/**
 * Whose jobs a call is about. What is wrong with a trigger is told here, in
 * answer to GetMetrics and IsActive, since KEDA shows those errors only.
 *
 * @throws FieldError where KEDA's reference names nobody, or says too much, or
 * its metadata has a key that nobody reads or a value that means nothing
 */
export function scaledRefOf(message: ScaledObjectRef | undefined): ScaledRef {
  const { name = "", namespace = "", scalerMetadata = {} } = message ?? {};
  if (name === "") throw errorAt("scaledObjectRef.name", name, "names no ScaledObject or ScaledJob");
  if (namespace === "") throw errorAt("scaledObjectRef.namespace", namespace, `names no namespace of ${name}`);
  const ref = {
    namespace: shortEnough("scaledObjectRef.namespace", namespace, limits.nameChars),
    name: shortEnough("scaledObjectRef.name", name, limits.nameChars),
    metadata: usedOf(scalerMetadata),
  };
  mustBeKnown(scalerMetadata);
  mustHaveDemand(ref.metadata);
  targetOf(ref.metadata);
  if (ref.metadata["metricName"]?.trim() === "")
    throw errorAt("metadata.metricName", ref.metadata["metricName"], "is empty");
  return ref;
}

/** A key that nobody reads says something that is not done. */
function mustBeKnown(metadata: ScaledObjectRef["scalerMetadata"]): void {
  const [key, value] = Object.entries(metadata).find(([one]) => !knownKeys.has(one)) ?? [];
  if (key === undefined) return;
  const meant = nearestOf(key, [...knownKeys]);
  const complaint = `is no key of a trigger${meant === null ? "" : `; did you mean ${meant}?`}`;
  throw errorAt(`metadata.${clip(key)}`, clip(value ?? ""), complaint);
}

/** Without `demand` there is always work: whoever says which means something else. @throws FieldError naming the key */
export function mustHaveDemand(metadata: ScaledRef["metadata"]): void {
  if (metadata["demand"] !== undefined) return;
  const key = ["selector", "promUrl", "query", "mqttBroker", "mqttTopic"].find((one) => metadata[one] !== undefined);
  if (key !== undefined)
    throw errorAt(`metadata.${key}`, metadata[key], "is read with a demand only: demand is missing");
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
 * What KEDA is to ask and divide by. A ScaledJob whose specification fails
 * looks healthy and idle to KEDA: so this never fails, and what is wrong is
 * told by the calls whose errors KEDA shows.
 *
 * @param metricName where the trigger names none
 */
export function metricSpecOf(metadata: ScaledRef["metadata"], metricName = defaultMetricName): MetricSpec {
  const named = metadata["metricName"] ?? "";
  const isName = named.trim() !== "" && named.length <= limits.metadataValueChars;
  // Of a fraction KEDA's rounding could make one job too many, or too few.
  const target = Math.max(1, Math.round(readTarget(metadata).target ?? defaultTarget));
  return { metricName: isName ? named : metricName, targetSize: target, targetSizeFloat: target };
}

/** @throws FieldError naming the key and its value */
function targetOf(metadata: ScaledRef["metadata"]): void {
  const { key, text, target } = readTarget(metadata);
  if (target === null) throw errorAt(`metadata.${key}`, text, "is not a number above 0");
}

/** @returns a target of null: it is none */
function readTarget(metadata: ScaledRef["metadata"]): {
  readonly key: string;
  readonly text: string | undefined;
  readonly target: number | null;
} {
  const key = targetKeys.find((one) => metadata[one] !== undefined) ?? targetKeys[0];
  const text = metadata[key];
  if (text === undefined) return { key, text, target: defaultTarget };
  const target = text.trim() === "" ? Number.NaN : Number(text);
  return { key, text, target: target > 0 && target <= Number.MAX_SAFE_INTEGER ? target : null };
}

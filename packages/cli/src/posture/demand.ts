import { completionsOf, demandSpecOf, itemsPerJobOf } from "@walras/controller/batch";
import { errorAt } from "@walras/kit";

import type { Labels } from "./kinds.ts";

/** What the scaler reads of a trigger, apart from what every trigger here has. */
const demandKeys = new Set([
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
]);

/** More people read ScaledJobs than may know a password. */
const credentialKeys = new Set(["mqttUsername", "mqttPassword"]);

/**
 * Metadata for every trigger, from key=value. The scaler's own rules are asked
 * here, for it tells its complaints to KEDA, where few look.
 *
 * @throws FieldError naming the key and its value
 */
export function readDemand(pairs: readonly string[]): Labels {
  const demand = Object.fromEntries(pairs.map(readPair));
  const ref = { namespace: "", name: "", metadata: demand };
  demandSpecOf(ref);
  itemsPerJobOf(ref);
  completionsOf(ref);
  return demand;
}

function readPair(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  const key = at < 0 ? pair : pair.slice(0, at);
  if (credentialKeys.has(key)) throw errorAt("--demand", key, `must not be written down: use ${key}FromEnv`);
  if (at < 0) throw errorAt("--demand", pair, "is not key=value");
  if (!demandKeys.has(key)) throw errorAt("--demand", key, `is none of ${[...demandKeys].join(", ")}`);
  return [key, pair.slice(at + 1)];
}

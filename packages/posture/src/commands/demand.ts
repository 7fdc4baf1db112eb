import {
  completionsOf,
  credentialKeys,
  demandKeys,
  demandSpecOf,
  itemsPerJobOf,
  mustHaveDemand,
} from "@walras/controller/batch";
import { errorAt } from "@walras/kit";

import type { Labels } from "./kinds.ts";

const writableKeys: ReadonlySet<string> = new Set(demandKeys);
/** More people read ScaledJobs than may know a password. */
const secretKeys: ReadonlySet<string> = new Set(credentialKeys);

/**
 * Metadata for every trigger, from key=value. The scaler's own rules are asked
 * here, for it tells its complaints to KEDA, where few look.
 *
 * @throws FieldError naming the key and its value
 */
export function readDemand(pairs: readonly string[]): Labels {
  const demand = Object.fromEntries(pairs.map(readPair));
  const ref = { namespace: "", name: "", metadata: demand };
  mustHaveDemand(demand);
  demandSpecOf(ref);
  itemsPerJobOf(ref);
  completionsOf(ref);
  return demand;
}

function readPair(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  const key = at < 0 ? pair : pair.slice(0, at);
  if (secretKeys.has(key)) throw errorAt("--demand", key, `must not be written down: use ${key}FromEnv`);
  if (at < 0) throw errorAt("--demand", pair, "is not key=value");
  if (!writableKeys.has(key)) throw errorAt("--demand", key, `is none of ${demandKeys.join(", ")}`);
  return [key, pair.slice(at + 1)];
}

import { errorAt } from "@walras/kit";

import { bucketCount } from "./buckets.ts";
import { hoursOfWeek } from "./week.ts";

const steps = 65_535;

/**
 * Weights as shares of the largest, 16 bits each, up to the last that is not
 * zero. A share of 1/65,535 is a minute in six weeks.
 */
export function encodeWeights(weights: Float64Array): string {
  const most = weights.reduce((highest, weight) => Math.max(highest, weight), 0);
  const shares = Array.from(weights, (weight) => (most > 0 ? Math.round((weight / most) * steps) : 0));
  const used = shares.findLastIndex((share) => share > 0) + 1;
  const bytes = Buffer.alloc(used * 2);
  for (let bucket = 0; bucket < used; bucket += 1) bytes.writeUInt16LE(shares[bucket] ?? 0, bucket * 2);
  return bytes.toString("base64");
}

/**
 * @param total what the weights add up to
 * @throws FieldError naming the field
 */
export function decodeWeights(text: string, total: number, field: string): Float64Array {
  const bytes = bytesOf(text, field);
  if (bytes.length % 2 !== 0 || bytes.length > bucketCount * 2)
    throw errorAt(field, text, `is ${bytes.length} bytes, not two for each of at most ${bucketCount} buckets`);
  const weights = new Float64Array(bucketCount);
  let sum = 0;
  for (let bucket = 0; bucket < bytes.length / 2; bucket += 1) {
    weights[bucket] = bytes.readUInt16LE(bucket * 2);
    sum += weights[bucket] ?? 0;
  }
  if (sum === 0) throw errorAt(field, text, "says of no bucket that it was used");
  return weights.map((share) => (share / sum) * total);
}

/** undefined while no hour is known. */
export function encodeLevels(levels: Uint8Array): string | undefined {
  return levels.some((level) => level > 0) ? Buffer.from(levels).toString("base64") : undefined;
}

/** @throws FieldError naming the field */
export function decodeLevels(text: string | undefined, field: string): Uint8Array {
  if (text === undefined) return new Uint8Array(hoursOfWeek);
  const bytes = bytesOf(text, field);
  if (bytes.length !== hoursOfWeek)
    throw errorAt(field, text, `is ${bytes.length} bytes, not one for each of ${hoursOfWeek} hours`);
  if (bytes.some((level) => level > bucketCount)) throw errorAt(field, text, "has a level that there is not");
  return Uint8Array.from(bytes);
}

/** Node leaves out what is not base64 instead of refusing it. */
function bytesOf(text: string, field: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw errorAt(field, text, "is not base64");
  return bytes;
}

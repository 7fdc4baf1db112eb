/**
 * Levels of CPU, each a tenth above the one before: from 10m, the least that
 * is ever given, to 125 cores. VPA takes 5 % and 176 of them; a request moves
 * by a tenth or not at all, so that finer ones would cost memory and objects
 * for what nobody acts on.
 */
export const bucketCount = 100;

const firstMilli = 10;
const ratio = 1.1;

/** The highest use that each bucket stands for. */
const tops = Float64Array.from({ length: bucketCount }, (_, bucket) => firstMilli * ratio ** bucket);

/** The bucket of a use; what is beyond the last is in the last. */
export function bucketOf(milli: number): number {
  if (!(milli > firstMilli)) return 0;
  const bucket = Math.ceil(Math.log(milli / firstMilli) / Math.log(ratio) - epsilon);
  return Math.min(bucketCount - 1, bucket);
}

/** A use at the very top of a bucket belongs to it, whatever its last bits say. */
const epsilon = 1e-9;

/** The highest use in the bucket: who rounds a promise rounds it up. */
export function topMilli(bucket: number): number {
  return tops[bucket] ?? 0;
}

/**
 * The lowest bucket up to which at least `share` of the weight lies.
 *
 * @returns null where there is no weight
 */
export function quantile(weights: ArrayLike<number>, share: number): number | null {
  let total = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) total += weights[bucket] ?? 0;
  if (!(total > 0)) return null;
  const wanted = total * share * (1 - epsilon);
  let sum = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    sum += weights[bucket] ?? 0;
    if (sum >= wanted) return bucket;
  }
  return bucketCount - 1;
}

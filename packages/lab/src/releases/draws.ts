import { type Rng, seededRng } from "@walras/kit";

/** A generator of its own for each use, so that what one rule does never shifts what another one meets. */
export function rngFor(seed: number, ...keys: readonly number[]): Rng {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  for (const key of keys) mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (key + 0x7f4a7c15), 0xc2b2ae35);
  return seededRng(mixed ^ (mixed >>> 13));
}

/** Mean 0, deviation 1 (Box and Muller). */
export function standardNormal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

export function exponential(rng: Rng, mean: number): number {
  return -mean * Math.log(1 - rng());
}

/** One of several, by weight. */
export function pick<T>(rng: Rng, choices: readonly (readonly [T, number])[]): T {
  let left = rng() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  const last = choices.at(-1);
  if (!last) throw new Error("nothing to pick from");
  return last[0];
}

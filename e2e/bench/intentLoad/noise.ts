import type { Rng } from "@walras/kit";

import type { Phase } from "../kernel/demand.ts";

/** A rate that is drawn anew each few seconds, evenly between two bounds. */
export interface Noise {
  readonly least: number;
  readonly most: number;
  readonly eachSeconds: number;
}

export function noisePhases({ least, most, eachSeconds }: Noise, seconds: number, rng: Rng): Phase[] {
  return Array.from({ length: Math.ceil(seconds / eachSeconds) }, () => ({
    seconds: eachSeconds,
    perSecond: least + (most - least) * rng(),
  }));
}

/** How often numbers that had fallen rose again. */
export function reversals(numbers: readonly number[]): number {
  const steps = numbers.slice(1).map((number, index) => Math.sign(number - (numbers[index] ?? number)));
  const moves = steps.filter((step) => step !== 0);
  return moves.filter((move, index) => move > 0 && (moves[index - 1] ?? 0) < 0).length;
}

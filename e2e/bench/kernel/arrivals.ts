import type { Rng } from "@walras/kit";

import type { Demand, Phase } from "./demand.ts";

/** One request of the open loop: it is sent then, whatever became of those before. */
export interface Arrival {
  readonly atMs: number;
  readonly target: number;
  readonly costMs: number;
}

/** When requests come, over and over the phases until `seconds` are full. */
export function arrivalTimes(
  { arrivals, seconds }: { readonly arrivals: Demand["arrivals"]; readonly seconds: number },
  phases: readonly Phase[],
  rng: Rng,
): number[] {
  const nextGap = arrivals === "poisson" ? () => -Math.log(1 - rng()) : () => 1;
  const times: number[] = [];
  // What is left of a gap is carried over: a recording's phases are shorter than one.
  let gap = arrivals === "poisson" ? nextGap() : 0;
  let from = 0;
  for (let index = 0; from < seconds; index += 1) {
    const { seconds: length, perSecond } = phases[index % phases.length] ?? { seconds, perSecond: 0 };
    const due = perSecond * Math.min(length, seconds - from);
    for (; gap < due; gap += nextGap()) times.push((from + gap / perSecond) * 1000);
    gap -= due;
    from += length;
  }
  return times;
}

/** Policies go first in turn, for so long each. */
const turnMs = 5_000;

/**
 * The same requests for every target, a little apart, so that each disturbs the others as they disturb it.
 */
export function sideBySide(
  times: readonly number[],
  targets: number,
  { apartMs, costMs }: Pick<Demand, "apartMs" | "costMs">,
): Arrival[] {
  const arrivals = times.flatMap((atMs) => {
    const turn = apartMs < turnMs / targets ? Math.floor(atMs / turnMs) : 0;
    return Array.from({ length: targets }, (_, target) => ({
      atMs: atMs + ((target + turn) % targets) * apartMs,
      target,
      costMs,
    }));
  });
  return arrivals.toSorted((a, b) => a.atMs - b.atMs);
}

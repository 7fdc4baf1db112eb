import type { Rng } from "@walras/kit";

import type { Resources } from "../rule.ts";
import type { Recording } from "./trace.ts";

/** One workload of one pod: what it needs in each step, and what its owner wrote. */
export interface LabPod {
  readonly name: string;
  readonly needMilli: Float64Array;
  readonly declared: Resources;
}

/** Machines of the recordings were of no known size. */
const machineMilli = [1000, 2000, 4000] as const;
/** How much of a request is used, on the mean of the learned time: CAST AI counts 8 % over whole clusters. */
const used = { least: 0.08, most: 0.5 };
/** Limit over request; null: none. */
const limitFactors = [1.5, 2, 4, null] as const;
const stepOfRequestMilli = 50;

/** Pods that both recordings know, the judged time after the learned one. */
export function drawPods(learn: Recording, judge: Recording, mostMilli: number, rng: Rng): LabPod[] {
  return [...learn.percent].flatMap(([name, learned]) => {
    const judged = judge.percent.get(name);
    if (!judged) return [];
    const scale = oneOf(rng, machineMilli) / 100;
    const needMilli = Float64Array.from([...learned, ...judged], (percent) => percent * scale);
    const meanMilli = needMilli.subarray(0, learned.length).reduce((sum, milli) => sum + milli, 0) / learned.length;
    return [{ name, needMilli, declared: declaredFor(meanMilli, mostMilli, rng) }];
  });
}

/** Even in the logarithm, since people are wrong by factors. */
function declaredFor(meanMilli: number, mostMilli: number, rng: Rng): Resources {
  const share = used.least * (used.most / used.least) ** rng();
  const steps = Math.max(1, Math.ceil(meanMilli / share / stepOfRequestMilli));
  const requestMilli = Math.min(mostMilli, steps * stepOfRequestMilli);
  const factor = oneOf(rng, limitFactors);
  return { requestMilli, limitMilli: factor === null ? null : requestMilli * factor };
}

function oneOf<T>(rng: Rng, choices: readonly T[]): T {
  const chosen = choices[Math.floor(rng() * choices.length)];
  if (chosen === undefined) throw new Error("nothing to draw from");
  return chosen;
}

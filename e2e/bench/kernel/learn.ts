import { type Rng, type Millicores } from "@walras/kit";
import { percentile } from "@walras/kit/bench";

import { pause } from "../../harness/wait.ts";
import { arrivalTimes } from "./arrivals.ts";
import type { Demand, Phase } from "./demand.ts";
import { playArrivals } from "./openLoop.ts";
import { type Bed, counted, endPods, look, startPod } from "./pods.ts";

/** Use is read so often. */
const sampleMs = 1_000;

/**
 * What each service uses while nothing holds it back, at its 95th percentile: all of them at once, each on its own.
 */
export async function learn(
  bed: Bed,
  demands: readonly { readonly demand: Demand; readonly phases: readonly Phase[] }[],
  seconds: number,
  rng: Rng,
): Promise<Millicores[]> {
  const pods = await Promise.all(
    demands.map(({ demand }, index) =>
      startPod(bed, {
        name: `learn-${index}`,
        sizes: { requestMilli: demand.request, limitMilli: null },
        managed: false,
      }),
    ),
  );
  const arrivals = demands.flatMap(({ demand, phases }, target) =>
    arrivalTimes({ arrivals: demand.arrivals, seconds }, phases, rng).map((atMs) => ({
      atMs,
      target,
      costMs: demand.costMs,
    })),
  );
  const playing = playArrivals(
    pods.map(({ url }) => url),
    arrivals.toSorted((a, b) => a.atMs - b.atMs),
  );
  const used: number[][] = pods.map(() => []);
  for (let second = 0; second < seconds; second += 1) {
    const before = pods.map(look);
    await pause(sampleMs);
    pods.forEach((pod, index) => used[index]?.push(counted(before[index] ?? look(pod), look(pod)).cpuMilli));
  }
  await playing;
  await endPods(bed, pods);
  return used.map((milli) => percentile(milli, 0.95));
}

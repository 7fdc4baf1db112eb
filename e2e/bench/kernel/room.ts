import { type Rng } from "@walras/kit";

import { pause } from "../../harness/wait.ts";
import { arrivalTimes, sideBySide } from "./arrivals.ts";
import type { Demand, Phase } from "./demand.ts";
import { playArrivals } from "./openLoop.ts";
import type { Outcome } from "./outcome.ts";
import { type Bed, counted, endPods, look, type Measured, resizes, startPod } from "./pods.ts";
import type { Policy } from "./policies.ts";

/** A service under one policy of a row. */
interface Side {
  readonly policy: Policy;
  readonly sizes: { readonly requestMilli: number; readonly limitMilli: number | null };
  readonly pod: Measured;
}

/** What a row is played with. */
export interface Row {
  readonly demand: Demand;
  readonly phases: readonly Phase[];
  readonly learnedMilli: number;
}

/** One demand under every policy at once, so that what disturbs one disturbs all. */
export async function playRow(bed: Bed, row: Row, policies: readonly Policy[], rng: Rng): Promise<Outcome[]> {
  const { demand, phases } = row;
  const sides = await Promise.all(policies.map((policy) => start(bed, row, policy)));
  const seconds = demand.learnSeconds + demand.seconds;
  const times = arrivalTimes({ arrivals: demand.arrivals, seconds }, phases, rng);
  const begun = sides.map(({ pod }) => look(pod));
  const playing = playArrivals(
    sides.map(({ pod }) => pod.url),
    sideBySide(times, sides.length, demand),
  );
  await pause(demand.learnSeconds * 1000);
  const learned = sides.map(({ pod }) => look(pod));
  const timings = await playing;
  const outcomes = await Promise.all(
    sides.map(async ({ policy, sizes, pod }, target): Promise<Outcome> => {
      const own = timings.filter((one) => one.target === target && one.atMs >= demand.learnSeconds * 1000);
      const [from, to] = [learned[target] ?? look(pod), look(pod)];
      return {
        row: demand.name,
        policy: policy.name,
        ...sizes,
        ...counted(from, to),
        learningThrottledSeconds: counted(begun[target] ?? from, from).throttledSeconds,
        resizes: await resizes(bed, pod),
        latenciesMs: own.map(({ tookMs }) => tookMs),
        failed: own.filter(({ failed }) => failed).length,
      };
    }),
  );
  await endPods(
    bed,
    sides.map(({ pod }) => pod),
  );
  return outcomes;
}

async function start(bed: Bed, { demand, learnedMilli }: Row, policy: Policy): Promise<Side> {
  const sizes = policy.sizes({ requestMilli: demand.request, limitMilli: demand.limit }, learnedMilli);
  const pod = await startPod(bed, { name: policy.name, sizes, managed: policy.managed });
  return { policy, sizes, pod };
}

import { seededRng } from "@walras/kit";

import { allocatableMilli } from "../../harness/requests.ts";
import { pause } from "../../harness/wait.ts";
import { arrivalTimes, sideBySide } from "./arrivals.ts";
import { type Member, membersOf, type NodePolicy, type Overload } from "./members.ts";
import { playArrivals } from "./openLoop.ts";
import type { Outcome } from "./outcome.ts";
import { type Bed, counted, endPods, look, type Measured, resizes, startPod } from "./pods.ts";
import type { Sizes } from "./policies.ts";

const seed = 11;

/** Part of allocatable that requests may take: others have pods there too. */
const room = 0.95;

/** Who crowds a node, and what its service was seen to use before, at the 95th percentile. */
export interface Scarcity {
  readonly overload: Overload;
  readonly learnedMilli: number;
}

/** The service alone on the node, without a limit: what nobody can do better than. */
export async function playAlone(bed: Bed, overload: Overload): Promise<Outcome[]> {
  const [service] = membersOf(overload, 0);
  if (service === undefined) return [];
  const sizes = [{ ...service.declared, limitMilli: null }];
  return play(bed, overload, { policy: "alone", managed: false, members: [service], sizes });
}

/** More is wanted than there is, and one policy has the node. */
export async function playOverload(
  bed: Bed,
  { overload, learnedMilli }: Scarcity,
  policy: NodePolicy,
): Promise<Outcome[]> {
  const members = membersOf(overload, learnedMilli);
  const sizes = policy.sizes(members, room * (await allocatableMilli(bed.cluster, bed.node)));
  return play(bed, overload, { policy: policy.name, managed: policy.managed, members, sizes });
}

interface Crowd {
  readonly policy: string;
  readonly managed: boolean;
  readonly members: readonly Member[];
  readonly sizes: readonly Sizes[];
}

async function play(bed: Bed, overload: Overload, crowd: Crowd): Promise<Outcome[]> {
  const { guaranteed, settleSeconds, seconds } = overload;
  const pods = await Promise.all(crowd.members.map((_, index) => start(bed, crowd, index)));
  const span = { arrivals: guaranteed.arrivals, seconds: settleSeconds + seconds };
  // Under every policy the same requests.
  const times = arrivalTimes(span, guaranteed.phases ?? [], seededRng(seed));
  const begun = pods.map(look);
  const playing = playArrivals([pods[0]?.url ?? ""], sideBySide(times, 1, guaranteed));
  await pause(settleSeconds * 1000);
  const settled = pods.map(look);
  await pause(seconds * 1000);
  const ended = pods.map(look);
  const timings = (await playing).filter(({ atMs }) => atMs >= settleSeconds * 1000);
  const outcomes = await Promise.all(
    pods.map(async (pod, index): Promise<Outcome> => {
      const [begin, from, to] = [begun[index]!, settled[index]!, ended[index]!];
      return {
        row: `150 %: ${crowd.members[index]?.name}`,
        policy: crowd.policy,
        ...crowd.sizes[index]!,
        ...counted(from, to),
        learningThrottledSeconds: counted(begin, from).throttledSeconds,
        resizes: await resizes(bed, pod),
        latenciesMs: index === 0 ? timings.map(({ tookMs }) => tookMs) : [],
        failed: index === 0 ? timings.filter(({ failed }) => failed).length : 0,
      };
    }),
  );
  await endPods(bed, pods);
  return outcomes;
}

async function start(bed: Bed, { members, sizes, managed, policy }: Crowd, index: number): Promise<Measured> {
  const { name, weight, work } = members[index]!;
  return startPod(bed, {
    name: `${policy}-${name}`,
    sizes: sizes[index]!,
    managed,
    weight,
    ...(work === null ? {} : { work }),
  });
}

import { countedRequestMilli } from "../../../../base/cluster/counted.ts";
import { holdsResources, type PodState } from "../../../../base/cluster/pod.ts";
import { targetsOf } from "../../decide/byPod.ts";
import type { NodeDecision } from "../../decide/snapshot.ts";
import type { PodOutcome, RoundResult } from "../result.ts";
import { requestOf } from "../sums.ts";

/** What a node comes to in sums over the cluster. */
export interface NodeSums {
  readonly pods: number;
  readonly rationed: number;
  /** Pods that another sizes as well. */
  readonly conflicts: number;
  readonly declaredMilli: number;
  readonly requestedMilli: number;
  readonly recommendedMilli: number;
  readonly promisedMilli: number;
}

/** A round's sums do not change: where nothing has moved, they are not added up again. */
const known = new WeakMap<RoundResult, NodeSums>();

export function sumsOf(result: RoundResult): NodeSums {
  let sums = known.get(result);
  if (!sums) {
    sums = addedUp(result);
    known.set(result, sums);
  }
  return sums;
}

/** A node that nobody has decided about yet. */
export function sumsWithoutRound(pods: readonly PodState[]): NodeSums {
  const promisedMilli = pods.filter(holdsResources).reduce((sum, pod) => sum + countedRequestMilli(pod), 0);
  return { ...nothing, promisedMilli };
}

const nothing = {
  pods: 0,
  rationed: 0,
  conflicts: 0,
  declaredMilli: 0,
  requestedMilli: 0,
  recommendedMilli: 0,
  promisedMilli: 0,
};

function addedUp({ outcomes, decision, observation }: RoundResult): NodeSums {
  const { snapshot, freeMilli } = observation;
  const sums = { ...nothing, promisedMilli: snapshot.allocatableMilli - freeMilli };
  for (const outcome of outcomes) {
    const { mode, leftAlone } = outcome.managed;
    if (leftAlone?.reason === "UnderVpa") sums.conflicts += 1;
    if (mode === "off" || leftAlone) continue;
    sums.pods += 1;
    if (outcome.ration) sums.rationed += 1;
    sums.declaredMilli += declaredMilli(outcome);
    sums.requestedMilli += requestOf(outcome.managed.pod);
    sums.recommendedMilli += recommendedMilli(outcome, decision);
  }
  return sums;
}

function declaredMilli({ managed: { declared } }: PodOutcome): number {
  let sum = 0;
  for (const { requestMilli } of declared.values()) sum += requestMilli;
  return sum;
}

/** A container that the round says nothing of keeps what it asks for. */
function recommendedMilli({ managed: { pod } }: PodOutcome, decision: NodeDecision): number {
  const targets = targetsOf(decision, pod.uid);
  return pod.containers.reduce((sum, { name, desired }) => {
    const target = targets.find(({ container }) => container === name);
    return sum + (target?.requestMilli ?? desired.requestMilli ?? 0);
  }, 0);
}

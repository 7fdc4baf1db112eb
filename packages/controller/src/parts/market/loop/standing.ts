import { areSame, targetsOf } from "../decide/byPod.ts";
import type { Beside, NodeDecision } from "../decide/snapshot.ts";
import type { PodOutcome, RoundResult } from "../explain/result.ts";
import type { ManagedPod } from "../observe/managed.ts";
import type { Observation } from "../observe/node.ts";
import type { Movement } from "./settled.ts";

/** What a round made of some of a node's pods. */
interface Part {
  readonly observation: Observation;
  readonly decision: NodeDecision;
  readonly outcomes: readonly PodOutcome[];
}

/** The last round's word about a node, with that of some of its pods in place of what it said of them. */
export function joined(before: RoundResult, { observation, decision, outcomes }: Part): RoundResult {
  const fresh = new Map(outcomes.map((one) => [one.managed.pod.uid, one]));
  const managed = before.observation.managed.map((one): ManagedPod => fresh.get(one.pod.uid)?.managed ?? one);
  const { freeMilli, snapshot } = observation;
  const { promisedMilli } = snapshot;
  return {
    decision: {
      ...before.decision,
      targets: [...before.decision.targets.filter(({ podUid }) => !fresh.has(podUid)), ...decision.targets],
    },
    observation: {
      ...before.observation,
      snapshot: { ...before.observation.snapshot, promisedMilli },
      managed,
      freeMilli,
    },
    outcomes: before.outcomes.map((one) => fresh.get(one.managed.pod.uid) ?? one),
    fresh: outcomes,
  };
}

/** Those of the last round's bidders whose part stands. @param moved UIDs of the others */
export function besideOf({ decision, observation }: RoundResult, moved: ReadonlySet<string>): Beside {
  const targets = decision.targets.filter(({ podUid }) => !moved.has(podUid));
  const bidding = new Set(targets.map(({ podUid }) => podUid));
  return {
    weight: sum(observation.managed, ({ pod, policy }) => (bidding.has(pod.uid) ? policy.weight : 0)),
    capMilli: sum(targets, ({ bid }) => bid.capMilli),
    requestMilli: sum(targets, ({ requestMilli }) => requestMilli),
  };
}

function sum<T>(all: readonly T[], numberOf: (one: T) => number): number {
  return all.reduce((total, one) => total + numberOf(one), 0);
}

/** Outcomes of the last round that hold: nothing of the pod has moved, nor what it is to have. */
export type Standing = ReadonlyMap<string, PodOutcome>;

export const nobody: Standing = new Map();

export function standingOutcomes(movement: Movement | null, decision: NodeDecision): Standing {
  const standing = new Map<string, PodOutcome>();
  if (!movement) return standing;
  const { result, moved } = movement;
  for (const outcome of result.outcomes) {
    const { uid } = outcome.managed.pod;
    const same = (): boolean => areSame(targetsOf(result.decision, uid), targetsOf(decision, uid));
    if (!moved.has(uid) && same()) standing.set(uid, outcome);
  }
  return standing;
}

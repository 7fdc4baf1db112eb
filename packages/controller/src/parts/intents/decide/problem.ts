import type { Ask, Proposal, Refusal } from "./actuators/ask.ts";
import { actuatorsOf } from "./actuators/all.ts";
import { ownCosts, prototypeStay, prototypeUtility, type Costs } from "./costs.ts";
import type { Candidate } from "./forecast.ts";
import type { Problem, Step } from "./search.ts";

/** What is searched for one intent; it remembers what actuators have said. */
export interface PlanProblem extends Problem<Candidate, Proposal> {
  /** What the actuators would not do in the state that is. */
  readonly refusals: () => readonly Refusal[];
  /** What a state costs to stay in, whether it reaches the goal or not. */
  readonly rentOf: (at: Candidate) => number;
}

/** The states that actuators lead to from where the workload is. */
export function problemOf(start: Candidate, ask: Ask, maxStates: number): PlanProblem {
  const known = new Map<string, ReturnType<typeof proposalsIn>>();
  const proposals = (at: Candidate): ReturnType<typeof proposalsIn> => {
    const before = known.get(at.key);
    if (before) return before;
    const fresh = proposalsIn(at, ask);
    known.set(at.key, fresh);
    return fresh;
  };
  const neighbours = (at: Candidate): Candidate[] => proposals(at).steps.map(({ to }) => to);
  const costs = costsFor(start, ask, { neighbours, maxStates });
  return {
    start,
    keyOf: ({ key }) => key,
    stepsFrom: (at) =>
      proposals(at).steps.map((label): Step<Candidate, Proposal> => ({
        label,
        to: label.to,
        cost: costs.ofStep(at, label),
      })),
    endCost: (at) => (at.met ? costs.ofStaying(at) : null),
    lowerBound: (at) => costs.lowerBound(at),
    refusals: () => proposals(start).refusals,
    rentOf: (at) => costs.ofStaying(at),
  };
}

function proposalsIn(
  at: Candidate,
  ask: Ask,
): { readonly steps: readonly Proposal[]; readonly refusals: readonly Refusal[] } {
  const all = actuatorsOf(ask.actuators, ask.foreign).map((actuator) => actuator.propose(at, ask));
  return {
    steps: all.flatMap(({ proposals }) => proposals.slice(0, ask.mostCandidates)),
    refusals: all.flatMap(({ refusals }) => refusals),
  };
}

function costsFor(
  start: Candidate,
  { manner, workload, actuators, foreign }: Ask,
  graph: { readonly neighbours: (at: Candidate) => readonly Candidate[]; readonly maxStates: number },
): Costs {
  if (manner === "own") return ownCosts(workload, actuators, foreign !== undefined);
  const stay = start.met ? prototypeStay(start, graph.neighbours, graph.maxStates) : 0;
  return {
    ofStep: prototypeUtility(workload, actuators),
    ofStaying: ({ key }) => (key === start.key ? stay : 0),
    lowerBound: () => 0,
  };
}

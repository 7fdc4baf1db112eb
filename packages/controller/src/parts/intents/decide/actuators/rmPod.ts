import type { Candidate } from "../forecast.ts";
import { isMet } from "../objectives.ts";
import { grows } from "../state.ts";
import type { Workload } from "../workload.ts";
import { type Actuator, type Ask, lacksLoad, nothing, type Proposal, type Refusal, refused } from "./ask.ts";

const name = "rmPod";

/** Removes pods, one a step: the least available first, since it is missed least. */
export const rmPod: Actuator = {
  name,
  propose: (at, ask) => {
    const [first, ...others] = victimsOf(at, ask);
    if (first === undefined || at.state.guess !== 1 || grows(at.state, ask.workload)) return nothing;
    const obstacle = obstacleTo(at, ask);
    if (obstacle !== null) return refused(actionOf(first, ask), obstacle);
    const proposals: Proposal[] = [];
    const refusals: Refusal[] = [];
    for (const victim of [first, ...others]) {
      const action = actionOf(victim, ask);
      const to = ask.forecast.of({ ...at.state, removed: without(at.state.removed, victim) });
      const reason = `what ${at.replicas - 1} replicas come to has not been seen`;
      if (to === null) refusals.push({ action, reason });
      else proposals.push({ action, to, proactive: false, bounded: null });
    }
    return { proposals, refusals };
  },
};

/** Places of pods. One will do where latency does not know one pod from another; the prototype tries each. */
function victimsOf({ state }: Candidate, { workload, manner, mostCandidates }: Ask): readonly number[] {
  if (manner === "own") return workload.victims.slice(state.removed.length, state.removed.length + 1);
  const running = [...workload.pods.keys()].filter(
    (place) => workload.pods[place]?.phase === "Running" && !state.removed.includes(place),
  );
  return running.slice(0, mostCandidates);
}

function without(removed: readonly number[], victim: number): readonly number[] {
  const at = removed.findIndex((place) => place > victim);
  return at < 0 ? [...removed, victim] : removed.toSpliced(at, 0, victim);
}

function obstacleTo(at: Candidate, ask: Ask): string | null {
  const { limits, actuators, workload, manner } = ask;
  const { min_pods: least } = actuators.rmPod;
  if (at.replicas - 1 < least) return `min_pods ${least}`;
  if (limits.holdsShrinking !== null) return limits.holdsShrinking;
  if (at.replicas - 1 < limits.leastPods)
    return `${limits.leastPods} replicas were needed within the stabilisation window`;
  const unsafe = manner === "own" ? whyUnsafe(workload) : null;
  if (unsafe !== null) return unsafe;
  return lacksLoad(ask) ? "the intent has no throughput objective" : null;
}

/** Whatever a model says: while pods start or serve too slowly or too seldom, each is needed. */
export function whyUnsafe({ pods, aims, measured }: Workload): string | null {
  if (pods.some(({ phase }) => phase !== "Running")) return "pods are still starting";
  const missed = aims.find(
    (aim, index) => (aim.type === "latency" || aim.type === "availability") && !isMet(aim, measured[index] ?? NaN),
  );
  return missed === undefined ? null : `${missed.profile} is missed: every pod is needed`;
}

function actionOf(place: number, { workload }: Ask): Proposal["action"] {
  return { name, properties: { name: workload.pods[place]?.name ?? "" } };
}

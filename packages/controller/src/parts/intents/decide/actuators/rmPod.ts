import type { Candidate } from "../forecast.ts";
import type { PodState } from "../snapshot.ts";
import { grows } from "../state.ts";
import { type Actuator, type Ask, lacksLoad, nothing, type Proposal, type Refusal, refused } from "./ask.ts";

const name = "rmPod";

/** Removes pods, one a step: the least available first, since it is missed least. */
export const rmPod: Actuator = {
  name,
  propose: (at, ask) => {
    const victims = victimsOf(at, ask);
    const [first] = victims;
    if (first === undefined || at.state.guess !== 1 || grows(at.state, ask.workload)) return nothing;
    const obstacle = obstacleTo(at, ask);
    if (obstacle !== null) return refused(actionOf(first), obstacle);
    const proposals: Proposal[] = [];
    const refusals: Refusal[] = [];
    for (const victim of victims) {
      const to = ask.forecast.of({ ...at.state, removed: [...at.state.removed, victim.name].toSorted() });
      const reason = `what ${at.replicas - 1} replicas come to has not been seen`;
      if (to === null) refusals.push({ action: actionOf(victim), reason });
      else proposals.push({ action: actionOf(victim), to, proactive: false, bounded: null });
    }
    return { proposals, refusals };
  },
};

/** One will do where latency does not know one pod from another; the prototype tries each. */
function victimsOf({ state }: Candidate, { workload, manner }: Ask): readonly PodState[] {
  const running = workload.pods.filter((pod) => pod.phase === "Running" && !state.removed.includes(pod.name));
  if (manner === "prototype") return running;
  return running.toSorted((one, other) => one.availability - other.availability).slice(0, 1);
}

function obstacleTo(at: Candidate, ask: Ask): string | null {
  const { limits, actuators, workload, manner } = ask;
  const { min_pods: least } = actuators.rmPod;
  if (at.replicas - 1 < least) return `min_pods ${least}`;
  if (limits.holdsShrinking !== null) return limits.holdsShrinking;
  if (at.replicas - 1 < limits.leastPods)
    return `${limits.leastPods} replicas were needed within the stabilisation window`;
  if (manner === "own" && workload.pods.some(({ phase }) => phase !== "Running")) return "pods are still starting";
  return lacksLoad(ask) ? "the intent has no throughput objective" : null;
}

function actionOf(pod: PodState): Proposal["action"] {
  return { name, properties: { name: pod.name } };
}

import type { Actuator, Ask, Proposal, Refusal } from "../actuators/ask.ts";
import { whyUnsafe } from "../actuators/rmPod.ts";
import type { Candidate } from "../forecast.ts";
import { grows, replicasOf, type Shape, shrinks } from "../state.ts";
import type { Workload } from "../workload.ts";
import type { ForeignAnswers, ForeignProposal } from "./told.ts";
import { shapeOf, toldOf } from "./words.ts";

/** Less CPU than this no actuator is believed to mean; the prototype's sizes are multiples of it. */
export const leastForeignMilli = 10;

/** An actuator in another process. What it says it leads to is believed; what may be done now is up to the planner. */
export function foreignActuator(name: string, answers: ForeignAnswers): Actuator {
  return {
    name,
    propose: (at, ask) => {
      if (at.state.guess !== 1) return { proposals: [], refusals: [] };
      const question = { intent: ask.workload.intent.name, actuator: name, key: at.key };
      const proposals: Proposal[] = [];
      const refusals: Refusal[] = [];
      for (const told of answers.ask(question, () => toldOf(at, ask))) {
        const heard = heardFrom(at, told, ask);
        if (typeof heard === "string") refusals.push({ action: told.action, reason: heard });
        else proposals.push(heard);
      }
      return { proposals, refusals };
    },
  };
}

/** @returns why it is not proposed, where it is not */
function heardFrom(at: Candidate, { action, utility, state }: ForeignProposal, ask: Ask): Proposal | string {
  const proactive = action.properties["proactive"] === 1;
  const shape = { ...shapeOf(state, ask), guess: proactive ? 0 : 1, asked: at.state.asked };
  const obstacle = obstacleTo(at, shape, ask);
  if (obstacle !== null) return obstacle;
  const lacking = ask.workload.aims.find(({ profile }) => !state.objectives.has(profile));
  if (lacking) return `${action.name} does not say what ${lacking.profile} comes to`;
  const values = ask.workload.aims.map(({ profile }) => state.objectives.get(profile) ?? NaN);
  const to = ask.forecast.of({ ...shape, heard: { state, shape, values } });
  if (to === null) return "what it comes to is not known";
  return { action, to, proactive, bounded: null, utility };
}

function obstacleTo(at: Candidate, to: Shape, ask: Ask): string | null {
  const { workload, limits, manner } = ask;
  const replicas = replicasOf(to, workload);
  if (replicas < 1) return "no replica would be left";
  if (workload.cpuMilli > 0 && to.cpuMilli < leastForeignMilli) return `${to.cpuMilli} m of CPU is next to nothing`;
  if (manner === "own" && turnsBack(at.state, to, workload)) return "a plan gives or takes, and never both";
  if (grows(to, workload)) return limits.holdsGrowth ?? whyNoRoom(to, ask);
  return shrinks(to, workload) ? (limits.holdsShrinking ?? whyNotLess(at, to, ask)) : null;
}

/** Whether a step both gives and takes, or undoes some of what the plan has done before. */
function turnsBack(at: Shape, to: Shape, workload: Workload): boolean {
  if (grows(to, workload) && shrinks(to, workload)) return true;
  if (grows(at, workload)) return to.added < at.added || to.cpuMilli < at.cpuMilli || to.removed.length > 0;
  if (shrinks(at, workload)) return to.removed.length < at.removed.length || to.cpuMilli > at.cpuMilli || to.added > 0;
  return false;
}

function whyNoRoom(to: Shape, { workload, limits }: Ask): string | null {
  const fits = limits.fits(to.added, to.cpuMilli) && to.cpuMilli <= Math.max(workload.cpuMilli, limits.mostCpuMilli);
  return fits ? null : "nodes have no room for it";
}

function whyNotLess(at: Candidate, to: Shape, { workload, limits, manner }: Ask): string | null {
  const replicas = replicasOf(to, workload);
  if (replicas < at.replicas && replicas < limits.leastPods)
    return `${limits.leastPods} replicas were needed within the stabilisation window`;
  if (to.cpuMilli < at.state.cpuMilli && to.cpuMilli < limits.leastCpuMilli)
    return `${limits.leastCpuMilli} m were needed within the stabilisation window`;
  return manner === "own" && to.removed.length > 0 ? whyUnsafe(workload) : null;
}

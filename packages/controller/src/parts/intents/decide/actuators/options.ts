import type { Candidate } from "../forecast.ts";
import { type State, withTurn } from "../state.ts";
import { type Actuator, type Ask, nothing, type Proposal, type Proposals, refused } from "./ask.ts";

/** A choice of one among named options: a class of cache, a profile of power. */
interface Choice {
  readonly name: string;
  readonly property: string;
  readonly options: (ask: Ask) => readonly string[];
  readonly current: (state: State) => string;
  readonly chosen: (state: State, option: string) => State;
  readonly obstacle: (ask: Ask) => string | null;
}

/** Sets Intel RDT's class of cache and memory bandwidth. */
export const configureRdt = actuatorOf({
  name: "configureRDT",
  property: "option",
  options: ({ actuators }) => actuators.configureRDT?.options ?? [],
  current: ({ cacheClass }) => cacheClass,
  chosen: (state, cacheClass) => ({ ...state, cacheClass }),
  obstacle: notGuaranteed,
});

/** Sets the power profile of the cores that the pods have to themselves. */
export const setPowerProfile = actuatorOf({
  name: "setPowerProfile",
  property: "profile",
  options: ({ actuators }) => actuators.setPowerProfile?.options ?? [],
  current: ({ powerProfile }) => powerProfile,
  chosen: (state, powerProfile) => ({ ...state, powerProfile }),
  obstacle: (ask) =>
    ask.workload.intent.target.kind === "Deployment" ? notGuaranteed(ask) : "only Deployments have a power profile",
});

function notGuaranteed({ workload }: Ask): string | null {
  const other = workload.pods.find(({ qosClass }) => qosClass !== "Guaranteed");
  return other === undefined ? null : `pod ${other.name} is ${other.qosClass}, not Guaranteed`;
}

function actuatorOf(choice: Choice): Actuator {
  return { name: choice.name, propose: (at, ask) => propose(choice, at, ask) };
}

function propose(choice: Choice, at: Candidate, ask: Ask): Proposals {
  const { name, property } = choice;
  const current = choice.current(at.state);
  const others = choice.options(ask).filter((option) => option !== current);
  const [first] = others;
  if (first === undefined || at.state.guess !== 1 || at.state.asked.includes(name)) return nothing;
  const obstacle = choice.obstacle(ask);
  if (obstacle !== null) return refused({ name, properties: { [property]: first } }, obstacle);
  const proposals = others.flatMap((option): Proposal[] => {
    const to = ask.forecast.of({ ...choice.chosen(at.state, option), asked: withTurn(at.state, name) });
    return to === null
      ? []
      : [{ action: { name, properties: { [property]: option } }, to, proactive: false, bounded: null }];
  });
  return { proposals, refusals: [] };
}

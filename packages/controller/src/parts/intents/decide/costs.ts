import type { ActuatorsConfig } from "../config/actuators.ts";
import type { Proposal } from "./actuators/ask.ts";
import type { Candidate } from "./forecast.ts";
import { leastForeignMilli } from "./foreign/actuator.ts";
import { grows, type State } from "./state.ts";
import type { Workload } from "./workload.ts";

/**
 * What plans cost. The unit is what the workload takes now: half as many
 * replicas of the same size take 0.5.
 */
export interface Costs {
  ofStep(from: Candidate, proposal: Proposal): number;
  /** To stay in a state in which the objectives are met. */
  ofStaying(at: Candidate): number;
  /** Never more than what is still to come. */
  lowerBound(at: Candidate): number;
}

/** What it is worth not to disturb a workload: less than this is not gained by taking something away. */
const disturbances: Readonly<Record<string, number>> = {
  scaleOut: 0.02,
  scaleCPU: 0.05,
  configureRDT: 0.02,
  setPowerProfile: 0.02,
};

/** What is to come is followed by CPU, which is resized in place. */
const disturbancesForeseen: typeof disturbances = { ...disturbances, scaleCPU: 0.01 };

/** Of one of the pods, as a part of its share. */
const disturbanceOfPod = 0.05;

/** A guess goes after everything that is known. */
const costOfGuess = 1;

/** What the scarcest class of cache costs, and the hungriest profile of power. */
const fullClass = 0.05;
const fullPower = 0.2;
/** Of power that is not renewable. */
const fullDirtyPower = 1;

/** Plans that end in the least resources with the least disturbance. */
export function ownCosts(workload: Workload, actuators: ActuatorsConfig, hasForeign = false): Costs {
  const perPod = disturbanceOfPod / workload.pods.length;
  const rent = rentsOf(workload, actuators);
  const disturbed = workload.outlook === null ? disturbances : disturbancesForeseen;
  const leastStep = Math.min(perPod, ...Object.values(disturbed));
  return {
    ofStep: (from, { action, proactive, to, utility }) => {
      const own = action.name === "rmPod" ? perPod : (disturbed[action.name] ?? perPod);
      const guessed = own + (proactive ? costOfGuess : 0);
      if (utility === undefined) return guessed;
      const isPriced = rent(from.state, from.replicas) !== rent(to.state, to.replicas);
      return guessed + utility * (isPriced ? weightOfPriced : 1);
    },
    ofStaying: ({ state, replicas }) => rent(state, replicas),
    lowerBound: ({ state, replicas, met }) => {
      const cheapest = hasForeign ? leastOfForeign(state, workload, actuators) : leastOf(state, workload, actuators);
      return (met ? 0 : leastStep) + Math.min(replicas, cheapest.replicas) * cheapest.perReplica;
    },
  };
}

/** What a foreign actuator says its action costs decides among equals, where we know ourselves what the state takes. */
const weightOfPriced = 1e-6;

/** What one replica takes, as a part of what all take now. */
function perReplica({ pods, cpuMilli }: Workload, milli: number, cpuMax: number): number {
  return (cpuMilli > 0 ? milli / cpuMilli : 1 + milli / cpuMax) / pods.length;
}

function rentsOf(workload: Workload, actuators: ActuatorsConfig): (state: State, replicas: number) => number {
  const { configureRDT, setPowerProfile, scaleCPU } = actuators;
  const power = isDirty(workload, actuators) ? fullDirtyPower : fullPower;
  return (state, replicas) =>
    replicas * perReplica(workload, state.cpuMilli, scaleCPU.cpu_max) +
    fullClass * placeOf(state.cacheClass, configureRDT?.options) +
    power * placeOf(state.powerProfile, setPowerProfile?.options);
}

/** [0, 1]: where an option stands among those that are ordered from the least to the most. */
function placeOf(option: string, options: readonly string[] | undefined): number {
  if (options === undefined || options.length < 2) return 0;
  return Math.max(0, options.indexOf(option)) / (options.length - 1);
}

/** Whether too little of some node's energy is renewable; where nobody tells, it is as usual. */
function isDirty({ intent, pods }: Workload, { setPowerProfile }: ActuatorsConfig): boolean {
  const ratios = intent.data.get("renewable_energy_ratio");
  const nodes = new Set(pods.map(({ node }) => node));
  const own = [...(ratios ?? [])].filter(([node]) => nodes.has(node)).map(([, ratio]) => ratio);
  return setPowerProfile !== undefined && own.some((ratio) => ratio < setPowerProfile.renewable_limit);
}

/** The least that can still come of a state: a plan either gives or takes. */
function leastOf(
  state: State,
  workload: Workload,
  { rmPod, scaleCPU }: ActuatorsConfig,
): { readonly replicas: number; readonly perReplica: number } {
  const isGrowing = grows(state, workload);
  const isSized = isGrowing || state.asked.includes("scaleCPU");
  const milli = isSized ? state.cpuMilli : Math.min(state.cpuMilli, scaleCPU.cpu_rounding);
  return {
    replicas: isGrowing ? Infinity : rmPod.min_pods,
    perReplica: perReplica(workload, milli, scaleCPU.cpu_max),
  };
}

/** The same where foreign actuators may take more than ours: they still leave a replica, and never what was given. */
function leastOfForeign(state: State, workload: Workload, actuators: ActuatorsConfig): ReturnType<typeof leastOf> {
  if (grows(state, workload)) return leastOf(state, workload, actuators);
  const milli = Math.min(state.cpuMilli, leastForeignMilli);
  return { replicas: 1, perReplica: perReplica(workload, milli, actuators.scaleCPU.cpu_max) };
}

/**
 * The prototype's utilities, by which its recorded plans were made: what they
 * cost is not comparable between actuators.
 */
export function prototypeUtility(workload: Workload, { scaleOut, scaleCPU }: ActuatorsConfig): Costs["ofStep"] {
  const { priority } = workload.intent;
  const utilities: Readonly<Record<string, (from: Candidate, proposal: Proposal) => number>> = {
    scaleOut: (_, { to }) => 0.9 + to.replicas / scaleOut.max_pods / priority,
    rmPod: (_, { to }) => priority * (valueOf(workload, to, "availability") ?? 1),
    scaleCPU: (from, { to }) =>
      to.state.cpuMilli / scaleCPU.cpu_max / (to.state.cpuMilli > from.state.cpuMilli ? priority : 1),
  };
  return (from, proposal) =>
    proposal.utility ??
    (proposal.proactive
      ? 0.1
      : (utilities[proposal.action.name]?.(from, proposal) ?? priority * proposal.to.shortfall));
}

function valueOf({ aims }: Workload, { values }: Candidate, type: string): number | undefined {
  return values[aims.findIndex((aim) => aim.type === type)];
}

/**
 * The prototype's price of doing nothing: one for each step of the shortest way
 * to a state that fulfils the objectives, and a hundredth more where that way
 * saves something. Without such a way it is free.
 */
export function prototypeStay(
  start: Candidate,
  stepsFrom: (at: Candidate) => readonly Candidate[],
  most: number,
): number {
  const seen = new Set([start.key]);
  let row: Candidate[] = [start];
  for (let steps = 1; row.length > 0 && seen.size < most; steps += 1) {
    row = row.flatMap(stepsFrom).filter(({ key }) => !seen.has(key) && seen.add(key));
    const goals = row.filter(({ met }) => met);
    if (goals.length > 0) return steps * (goals.some((goal) => saves(start, goal)) ? 1.01 : 1);
  }
  return 0;
}

function saves(start: Candidate, goal: Candidate): boolean {
  return goal.replicas < start.replicas || goal.state.cpuMilli <= start.state.cpuMilli;
}

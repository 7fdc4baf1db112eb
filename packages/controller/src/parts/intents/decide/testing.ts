import { readActuators } from "../config/actuators.ts";
import { readPlannerConfig } from "../config/planner.ts";
import { modelsOf, type Models, readEffects } from "../models/effects.ts";
import { type DecideConfig, decideIntents } from "./decide.ts";
import type { IntentDecision } from "./decision.ts";
import type { Candidate } from "./forecast.ts";
import type { Limits } from "./limits.ts";
import type { PlanProblem } from "./problem.ts";
import type { IntentSnapshot, Measurement, PlanningSnapshot, PodState, Profile } from "./snapshot.ts";

/** Noon of some day. */
export const noon = Date.parse("2026-01-01T12:00:00Z");

export const p99 = "default/p99latency";
export const rps = "default/throughput";
export const availability = "default/availability";

export const profiles: ReadonlyMap<string, Profile> = new Map([
  [p99, { type: "latency", minimize: true }],
  [rps, { type: "throughput", minimize: false }],
  [availability, { type: "availability", minimize: false }],
  ["default/watts", { type: "power", minimize: true }],
]);

/** Of the prototype's recorded services: what it had learnt of the 99th percentile. */
const learnt: readonly object[] = [
  {
    group: "scaling",
    data: {
      popt: [1.7340978705359251, 0.32188728156949387, 0.02992459259216999, 0.042336575288062825],
      throughputScale: [0.12987012987012986, 0.1688311688311689],
      throughputRange: [6.4, 37.2],
      replicaRange: [1, 4],
    },
  },
  {
    group: "vertical_scaling",
    data: { popt: [[248.69930654974348, 1.8325502392260382, 66.53386004054035]], cpuRange: [0.25, 2.5] },
  },
];

/** Models of one latency of an intent; those of the recorded service where none are given. */
export function models(effects: readonly object[] = learnt): Models {
  const name = "default/my-intent";
  const named = effects.map((effect) => ({ name, profileName: p99, ...effect }));
  return modelsOf(readEffects(named, "effects"), { intent: name, since: null, file: "effects" });
}

export function values(given: Readonly<Record<string, number>>): Map<string, Measurement> {
  return new Map(Object.entries(given).map(([name, value]) => [name, { kind: "value", value }]));
}

/** As many running pods, one a node. */
export function pods(count: number, given: Partial<PodState> = {}): PodState[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `pod_${index}`,
    availability: 1,
    node: `node_${index}`,
    phase: "Running",
    qosClass: "Guaranteed",
    ...given,
  }));
}

/** An intent of 100 ms for a service of one pod of 1,200 m that the models tell of. */
export function intent(given: Partial<IntentSnapshot> = {}): IntentSnapshot {
  return {
    name: "default/my-intent",
    target: { kind: "Deployment", name: "default/function-deployment" },
    priority: 1,
    active: true,
    objectives: [
      { profile: p99, target: 100, tolerance: 0 },
      { profile: rps, target: 0, tolerance: 0 },
    ],
    measured: values({ [p99]: 139.25, [rps]: 24.3 }),
    pods: pods(1),
    resources: new Map([
      ["0_cpu_requests", 1_200],
      ["0_cpu_limits", 1_200],
    ]),
    annotations: new Map(),
    data: new Map(),
    models: models(),
    history: null,
    ...given,
  };
}

export interface Configured {
  readonly planner?: object;
  readonly actuators?: object;
  readonly manner?: DecideConfig["manner"];
}

export function configOf({ planner = {}, actuators = {}, manner = "own" }: Configured = {}): DecideConfig {
  return {
    planner: readPlannerConfig(planner, "defaults.json", 4).config,
    actuators: readActuators(actuators, "actuators").config,
    manner,
  };
}

export function decideAll(
  intents: readonly IntentSnapshot[],
  configured: Configured = {},
  given: Partial<PlanningSnapshot> = {},
): IntentDecision[] {
  const snapshot = { nowMs: noon, profiles, intents, freeMilli: new Map(), ...given };
  return decideIntents(configOf(configured), snapshot, () => 0);
}

export function decideFor(
  given: Partial<IntentSnapshot> = {},
  configured: Configured = {},
  snapshot: Partial<PlanningSnapshot> = {},
): IntentDecision {
  const [decision] = decideAll([intent(given)], configured, snapshot);
  if (decision === undefined) throw new Error("no intent was decided");
  return decision;
}

/** A plan in one line. */
export function told({ plan }: IntentDecision): string {
  return plan.map(({ name, properties }) => [name, ...Object.values(properties)].join(" ")).join(", ");
}

/** What it costs at least to go on from each state and stay somewhere, by trying every way there is. */
export function truth(problem: PlanProblem): Map<string, { readonly at: Candidate; readonly cost: number }> {
  const known = new Map<string, { readonly at: Candidate; readonly cost: number }>();
  const visit = (at: Candidate): number => {
    const before = known.get(at.key);
    if (before) return before.cost;
    const onward = problem.stepsFrom(at).map(({ to, cost }) => cost + visit(to));
    const cost = Math.min(problem.endCost(at) ?? Infinity, ...onward);
    known.set(at.key, { at, cost });
    return cost;
  };
  visit(problem.start);
  return known;
}

/** Nothing keeps a plan from going anywhere. */
export const unlimited: Limits = {
  holdsGrowth: null,
  holdsShrinking: null,
  leastPods: 0,
  leastCpuMilli: 0,
  fits: () => true,
  mostCpuMilli: Infinity,
};

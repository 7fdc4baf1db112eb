// Plans for one workload of many replicas, and for a tick of 1,000 intents on one core.
import { join } from "node:path";

import {
  decideIntents,
  type IntentDecision,
  type IntentSnapshot,
  modelsOf,
  readActuators,
  readEffects,
  readPlannerConfig,
} from "@walras/controller/intents";
import { percentile, publishBench } from "@walras/kit/bench";

const mostStates = 2_000;
const tickIntents = 1_000;
const warmUp = 5;
const runs = 41;
const tickRuns = 5;
const budgets = { planMs: 50, tickMs: 5_000 };

const p99 = "default/p99latency";
const p95 = "default/p95latency";
const p50 = "default/p50latency";
const rps = "default/throughput";

const config = (manner: "own" | "prototype"): Parameters<typeof decideIntents>[0] => ({
  planner: readPlannerConfig({ planner: { astar: { max_states: mostStates, time_budget: 0 } } }, "defaults.json", 4)
    .config,
  actuators: readActuators({ scaleCPU: { cpu_rounding: 10 } }, "actuators").config,
  manner,
});

const scaling = { popt: [400, 0.001, 1, 0.0004], throughputScale: [1, 1], replicaRange: [1, 128] };
const cpu = { popt: [248.7, 1.83, 66.5], cpuRange: [0.1, 4] };

/** A service by its number: some miss their target, some have too much, some are as they should be. */
function intentOf(index: number, replicas: number, latency: number): IntentSnapshot {
  const name = `default/intent-${index}`;
  const effects = [
    { name, group: "scaling", profileName: p99, static: true, data: scaling },
    { name, group: "vertical_scaling", profileName: p99, static: true, data: cpu },
    { name, group: "scaling", profileName: p95, static: true, data: { ...scaling, popt: [350, 0.001, 1, 0.0004] } },
    { name, group: "vertical_scaling", profileName: p95, static: true, data: { ...cpu, popt: [200, 1.6, 50] } },
    { name, group: "scaling", profileName: p50, static: true, data: { ...scaling, popt: [300, 0.001, 1, 0.0004] } },
    { name, group: "vertical_scaling", profileName: p50, static: true, data: { ...cpu, popt: [150, 1.5, 40] } },
  ];
  return {
    name,
    target: { kind: "Deployment", name: `default/service-${index}` },
    priority: 0.01 + (index % 100) / 101,
    active: true,
    objectives: [
      { profile: p99, target: 150, tolerance: 0.02 },
      { profile: p95, target: 130, tolerance: 0 },
      { profile: p50, target: 110, tolerance: 0 },
      { profile: rps, target: 0, tolerance: 0 },
    ],
    measured: new Map([
      [p99, { kind: "value", value: latency }],
      [p95, { kind: "value", value: latency * 0.85 }],
      [p50, { kind: "value", value: latency * 0.7 }],
      [rps, { kind: "value", value: 50 + (index % 50) }],
    ]),
    pods: Array.from({ length: replicas }, (_, pod) => ({
      name: `service-${index}-${pod}`,
      availability: 1 - (pod % 7) / 1_000,
      node: `node-${(index * 31 + pod) % 500}`,
      phase: "Running",
      qosClass: "Guaranteed",
    })),
    resources: new Map([
      ["0_cpu_requests", 1_000],
      ["0_cpu_limits", 1_000],
    ]),
    annotations: new Map(),
    data: new Map(),
    models: modelsOf(readEffects(effects, "effects"), { intent: name, since: null, file: "effects" }),
    history: null,
  };
}

const profiles = new Map([
  [p99, { type: "latency", minimize: true } as const],
  [p95, { type: "latency", minimize: true } as const],
  [p50, { type: "latency", minimize: true } as const],
  [rps, { type: "throughput", minimize: false } as const],
]);

function decide(intents: readonly IntentSnapshot[], manner: "own" | "prototype"): IntentDecision[] {
  const freeMilli = new Map(Array.from({ length: 500 }, (_, node) => [`node-${node}`, 4_000] as const));
  return decideIntents(config(manner), { nowMs: 0, profiles, intents, freeMilli }, () => performance.now());
}

interface Timed {
  readonly times: readonly number[];
  readonly decisions: readonly IntentDecision[];
}

function timed(count: number, run: () => IntentDecision[]): Timed {
  let decisions: IntentDecision[] = [];
  for (let round = 0; round < warmUp; round += 1) decisions = run();
  const times = Array.from({ length: count }, () => {
    const startedMs = performance.now();
    decisions = run();
    return performance.now() - startedMs;
  });
  return { times, decisions };
}

/** Nothing brings it more requests, so that all there is is looked at before that is known. */
const large = intentOf(0, 128, 60);
const hard = { ...large, objectives: [...large.objectives.slice(0, -1), { profile: rps, target: 1e6, tolerance: 0 }] };
const own = timed(runs, () => decide([hard], "own"));
const prototype = timed(runs, () => decide([{ ...large, pods: large.pods.slice(0, 24) }], "prototype"));
const many = Array.from({ length: tickIntents }, (_, index) => {
  const latency = [220, 60, 145][index % 3] ?? 145;
  return intentOf(index, 2 + (index % 18), latency);
});
const tick = timed(tickRuns, () => decide(many, "own"));

const count = (verdict: string): number => tick.decisions.filter((decision) => decision.verdict === verdict).length;
const milliseconds = ({ times }: Timed, p: number): number => Number(percentile(times, p).toFixed(2));
const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

const rowOf = (what: string, one: Timed): Record<string, string | number> => ({
  what,
  states: sumOf(one.decisions.map(({ states }) => states)),
  actions: sumOf(one.decisions.map(({ plan }) => plan.length)),
  "p50 ms": milliseconds(one, 0.5),
  "p99 ms": milliseconds(one, 0.99),
});

const states = own.decisions[0]?.states ?? 0;
publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "planner",
  command: "pnpm bench planner",
  rows: [
    rowOf("128 replicas, our rules", own),
    rowOf("24 replicas, the prototype's rules", prototype),
    rowOf(`${tickIntents} intents, one tick`, tick),
  ],
  ratios: {
    planAgainstBudget: percentile(own.times, 0.5) / budgets.planMs,
    tickAgainstBudget: percentile(tick.times, 0.5) / budgets.tickMs,
    smallerGraph: states < mostStates ? 1 : 0,
    undecided: tickIntents - count("Planned") - count("Fulfilled") - count("Bounded") - count("Unreachable"),
  },
});

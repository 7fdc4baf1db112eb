import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { actuatorsOf } from "../actuators/all.ts";
import type { Ask } from "../actuators/ask.ts";
import { measuredAims } from "../aims.ts";
import { forecastFor } from "../forecast.ts";
import { type PlanProblem, problemOf } from "../problem.ts";
import { search } from "../search.ts";
import { stateOf } from "../state.ts";
import { configOf, intent, models, p99, pods, profiles, rps, truth, unlimited, values } from "../testing.ts";
import { workloadOf } from "../workload.ts";
import { ForeignAnswers, type ForeignProposal, type ForeignQuestion, type ToldState } from "./told.ts";

/** What an actuator does: a factor of the latency, pods more or less, CPU, and what it says it costs. */
interface Rule {
  readonly factor: number;
  readonly podsMore: number;
  readonly milli: number | null;
  readonly utility: number;
}

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const rules = fc.record<Rule>({
  factor: between(0.5, 1.5),
  podsMore: fc.integer({ min: -1, max: 2 }),
  milli: fc.option(fc.constantFrom(20, 300, 600, 2_000)),
  utility: between(0, 1),
});

/** Actuators that are asked at once; each acts at most once on a way, which ends it. */
class Direct extends ForeignAnswers {
  readonly #rules: ReadonlyMap<string, Rule>;

  constructor(given: ReadonlyMap<string, Rule>) {
    super({ names: [...given.keys()], find: () => undefined });
    this.#rules = given;
  }

  override ask({ actuator }: Omit<ForeignQuestion, "state">, told: () => ToldState): readonly ForeignProposal[] {
    const rule = this.#rules.get(actuator);
    const state = told();
    if (rule === undefined || state.data.has(actuator)) return [];
    const next = applied(rule, state, actuator);
    const key = JSON.stringify([...next.data.keys()].toSorted().concat([...next.objectives.values()].map(String)));
    return [{ action: { name: actuator, properties: {} }, utility: rule.utility, state: { ...next, key } }];
  }
}

function applied({ factor, podsMore, milli }: Rule, state: ToldState, actuator: string): ToldState {
  const added = Array.from({ length: Math.max(0, podsMore) }, (_, index) => ({
    ...pods(1)[0]!,
    name: `dummy@${actuator}${index}`,
  }));
  return {
    ...state,
    objectives: new Map([...state.objectives, [p99, (state.objectives.get(p99) ?? 0) * factor]]),
    pods: [...(podsMore < 0 ? state.pods.slice(1) : state.pods), ...added],
    resources: milli === null ? state.resources : new Map([["0_cpu_limits", milli]]),
    data: new Map<string, ReadonlyMap<string, number>>([...state.data, [actuator, new Map()]]),
  };
}

function problemFor(given: readonly Rule[], latency: number, count: number): PlanProblem {
  const { planner, actuators, manner } = configOf();
  const one = intent({
    measured: values({ [p99]: latency, [rps]: 12.5 }),
    pods: pods(count),
    resources: new Map([["0_cpu_limits", 500]]),
    models: models(),
  });
  const measured = measuredAims(one, profiles);
  if (!measured.known) throw new Error(measured.why);
  const workload = workloadOf(one, measured.values, { actuators, manner });
  const { hysteresis } = planner.planner.stability;
  const ask: Ask = {
    workload,
    actuators,
    manner,
    limits: unlimited,
    forecast: forecastFor({ workload, manner, hysteresis }),
    hysteresis,
    mostCandidates: 10,
    foreign: new Direct(new Map(given.map((rule, index) => [`plugin${index}`, rule]))),
  };
  return problemOf(ask.forecast.of(stateOf(workload))!, ask, Infinity);
}

describe("a plan with foreign actuators beside our own", () => {
  it("costs what the cheapest of all plans costs, and its bound never promises too much", () => {
    let foreign = 0;
    fc.assert(
      fc.property(
        fc.array(rules, { minLength: 1, maxLength: 3 }),
        between(10, 300),
        fc.integer({ min: 1, max: 3 }),
        (given, latency, count) => {
          const problem = problemFor(given, latency, count);
          const all = truth(problem);
          for (const { at, cost } of all.values()) expect(problem.lowerBound(at)).toBeLessThanOrEqual(cost + 1e-9);
          const { best } = search(problem, { maxStates: Infinity, isOver: () => false });
          const cheapest = all.get(problem.start.key)?.cost ?? Infinity;
          if (best) expect(best.cost).toBeCloseTo(cheapest, 9);
          else expect(cheapest).toBe(Infinity);
          foreign += best?.steps.some(({ label }) => label.utility !== undefined) === true ? 1 : 0;
        },
      ),
      { numRuns: 300, seed: 5 },
    );
    expect(foreign).toBeGreaterThan(50);
  });
});

describe("foreign actuators and ours", () => {
  const namesWith = (...names: readonly string[]): string[] =>
    actuatorsOf(configOf().actuators, new ForeignAnswers({ names, find: () => [] })).map(({ name }) => name);

  it("of one name are one: the foreign one", () => {
    expect(namesWith("scaleCPU", "other")).toEqual(["scaleOut", "rmPod", "scaleCPU", "other"]);
    expect(namesWith("scaleOut")).toEqual(["scaleCPU", "scaleOut"]);
    expect(namesWith("rmPod")).toEqual(["scaleCPU", "rmPod"]);
  });
});

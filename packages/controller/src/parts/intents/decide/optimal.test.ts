import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Ask } from "./actuators/ask.ts";
import { measuredAims } from "./aims.ts";
import { forecastFor } from "./forecast.ts";
import { type PlanProblem, problemOf } from "./problem.ts";
import { search } from "./search.ts";
import type { Measurement } from "./snapshot.ts";
import { stateOf } from "./state.ts";
import {
  availability,
  configOf,
  decideFor,
  intent,
  models,
  p99,
  pods,
  profiles,
  rps,
  truth,
  unlimited,
  values,
} from "./testing.ts";
import { workloadOf } from "./workload.ts";

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** Services of a few pods, with models of any shape and targets that are met or not. */
const services = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  milli: fc.integer({ min: 1, max: 12 }).map((hundreds) => hundreds * 100),
  latency: between(10, 400),
  load: between(0, 40),
  target: between(20, 300),
  tolerance: between(0, 0.2),
  scaling: fc.tuple(between(50, 400), between(0, 0.1), fc.constant(1), between(0, 0.05)),
  cpu: fc.tuple(between(10, 400), between(0.2, 5), between(0, 100)),
  seen: fc.integer({ min: 2, max: 7 }),
  share: between(0.5, 1),
  least: between(0.9, 1),
});

function problemFor(service: typeof services extends fc.Arbitrary<infer Service> ? Service : never): PlanProblem {
  const { count, milli, latency, load, target, tolerance, scaling, cpu, seen, share, least } = service;
  const { planner, actuators, manner } = configOf({ actuators: { scaleOut: { max_pods: 6 } } });
  const one = intent({
    objectives: [
      { profile: p99, target, tolerance },
      { profile: rps, target: 0, tolerance: 0 },
      { profile: availability, target: least, tolerance: 0 },
    ],
    measured: values({ [p99]: latency, [rps]: load }),
    pods: pods(count, { availability: share }),
    resources: new Map([["0_cpu_limits", milli]]),
    models: models([
      { group: "scaling", data: { popt: scaling, throughputScale: [1, 1], replicaRange: [1, seen] } },
      { group: "vertical_scaling", data: { popt: cpu, cpuRange: [0.1, 2] } },
    ]),
  });
  const measured = measuredAims(one, profiles);
  if (!measured.known) throw new Error(measured.why);
  const workload = workloadOf(one, measured.values, { actuators, manner });
  const { hysteresis } = planner.planner.stability;
  const forecast = forecastFor({ workload, manner, hysteresis });
  const ask: Ask = { workload, actuators, manner, limits: unlimited, forecast, hysteresis, mostCandidates: 10 };
  return problemOf(forecast.of(stateOf(workload))!, ask, Infinity);
}

const measurements = fc.oneof(
  between(0, 400).map((value): Measurement => ({ kind: "value", value })),
  fc.constantFrom<Measurement>({ kind: "missing" }, { kind: "stale", value: 1, ageSeconds: 999 }),
  fc.constantFrom(NaN, -1, Infinity).map((value): Measurement => ({ kind: "value", value })),
);

describe("whatever was measured", () => {
  it("a plan is made only from values that are known, and of states that are not it knows nothing", () => {
    fc.assert(
      fc.property(fc.tuple(measurements, measurements), fc.integer({ min: 0, max: 5 }), ([latency, load], count) => {
        const isKnown = (one: Measurement): boolean =>
          one.kind === "value" && Number.isFinite(one.value) && one.value >= 0;
        const measured = new Map([
          [p99, latency],
          [rps, load],
        ]);
        const decision = decideFor({ measured, pods: pods(count) });
        const known = isKnown(latency) && isKnown(load) && count > 0;
        expect(decision.verdict === "Unknown").toBe(!known);
        if (!known) expect(decision).toMatchObject({ plan: [], execute: false, wish: null });
      }),
      { numRuns: 300 },
    );
  });
});

describe("a plan by our rules", () => {
  it("costs what the cheapest of all plans costs, and its bound never promises too much", () => {
    let reached = 0;
    fc.assert(
      fc.property(services, (service) => {
        const problem = problemFor(service);
        const all = truth(problem);
        for (const { at, cost } of all.values()) expect(problem.lowerBound(at)).toBeLessThanOrEqual(cost + 1e-9);
        const { best } = search(problem, { maxStates: Infinity, isOver: () => false });
        const cheapest = all.get(problem.start.key)?.cost ?? Infinity;
        if (best) expect(best.cost).toBeCloseTo(cheapest, 9);
        else expect(cheapest).toBe(Infinity);
        reached += best ? 1 : 0;
      }),
      { numRuns: 500, seed: 7 },
    );
    expect(reached).toBeGreaterThan(100);
  });

  it("never takes from a workload whose target it would miss by it, and never gives where all is met", () => {
    fc.assert(
      fc.property(services, (service) => {
        const { best } = search(problemFor(service), { maxStates: Infinity, isOver: () => false });
        if (!best) return;
        const { state, values: expected } = best.end;
        const start = problemFor(service).start;
        const takes = state.removed.length > 0 || state.cpuMilli < start.state.cpuMilli;
        const gives = state.added > 0 || state.cpuMilli > start.state.cpuMilli;
        expect(takes && gives).toBe(false);
        if (takes) expect(expected[0]).toBeLessThanOrEqual(service.target * 0.95 + 1e-9);
        if (start.met) expect(gives).toBe(false);
      }),
      { numRuns: 500, seed: 8 },
    );
  });
});

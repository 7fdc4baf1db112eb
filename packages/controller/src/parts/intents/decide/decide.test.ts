import { describe, expect, it } from "vitest";

import { decideIntents } from "./decide.ts";
import {
  availability,
  configOf,
  decideAll,
  decideFor,
  intent,
  models,
  noon,
  p99,
  pods,
  profiles,
  rps,
  told,
  values,
} from "./testing.ts";

const calm = values({ [p99]: 49.758, [rps]: 12.5 });

describe("a plan", () => {
  it("adds as many replicas as the target takes", () => {
    const decision = decideFor();
    expect(told(decision)).toBe("scaleOut 3");
    expect(decision).toMatchObject({ verdict: "Planned", execute: true, cutShort: null });
    expect(decision.reason).toBe(`to bring ${p99} from 139.25 to 100`);
    expect(decision.rejected).toContainEqual({ name: "rmPod", properties: { name: "pod_0" }, reason: "min_pods 1" });
  });

  it("is the canonical one: two replicas more, for latency and availability", () => {
    const popt = [0.306355135, 0.193240314, 53.0816499, 0.0147372746];
    const data = { popt, throughputScale: [0.00214390554, 0.99935682854], replicaRange: [1, 12] };
    const canonical = {
      objectives: [
        { profile: p99, target: 0.03, tolerance: 0 },
        { profile: rps, target: 0, tolerance: 0 },
        { profile: availability, target: 0.999, tolerance: 0 },
      ],
      measured: values({ [p99]: 0.04, [rps]: 4_800, [availability]: 0.998 }),
      pods: pods(2).map((pod, index) => ({ ...pod, availability: [0.9, 0.98][index] ?? 1 })),
      models: models([{ group: "scaling", data }]),
    };
    for (const manner of ["own", "prototype"] as const)
      expect(decideFor(canonical, { manner }).plan).toEqual([{ name: "scaleOut", properties: { factor: 2 } }]);
  });

  it.each([
    { popt: [100, 0.2, 50], target: 150, plan: "scaleCPU 400", verdict: "Planned" },
    { popt: [100, 0.2, 50], target: 100, plan: "scaleCPU 4000", verdict: "Planned" },
    { popt: [200, 0.2, 50], target: 100, plan: "scaleCPU 4000", verdict: "Bounded" },
  ])("gives $popt at $target: $plan, $verdict", ({ popt, target, plan, verdict }) => {
    const decision = decideFor({
      objectives: [{ profile: p99, target, tolerance: 0 }],
      measured: values({ [p99]: 200 }),
      models: models([{ group: "vertical_scaling", static: true, data: { popt: [popt], cpuRange: [1, 10] } }]),
      resources: new Map([["0_cpu_limits", 1_000]]),
    });
    expect(told(decision)).toBe(plan);
    expect(decision.verdict).toBe(verdict);
    if (verdict === "Bounded") expect(decision.reason).toBe("cpu_max 4000 m: the model asks for 7500 m");
  });

  it("goes no further than what was learnt, and says so", () => {
    const cpu = { group: "vertical_scaling", data: { popt: [100, 0.2, 50], cpuRange: [1, 2] } };
    const decision = decideFor({
      objectives: [{ profile: p99, target: 100, tolerance: 0 }],
      measured: values({ [p99]: 131 }),
      models: models([cpu]),
      resources: new Map([["0_cpu_limits", 1_000]]),
    });
    expect(told(decision)).toBe("scaleCPU 2000");
    expect(decision.reason).toContain("nothing above 2 cores was seen");
  });

  it("removes several pods at once, the least available ones", () => {
    const decision = decideFor({
      measured: calm,
      pods: pods(4).map((pod, index) => ({ ...pod, availability: 0.9 + index / 100 })),
      models: models().replicas.size > 0 ? { ...models(), cpu: new Map() } : models(),
    });
    expect(told(decision)).toBe("rmPod pod_0, rmPod pod_1");
    expect(decision.cost).toBeLessThan(0);
  });

  it("never gives CPU to a workload that meets its target a hundredfold", () => {
    const decision = decideFor({
      measured: values({ [p99]: 0.99, [rps]: 7 }),
      resources: new Map([["0_cpu_limits", 500]]),
    });
    expect(told(decision)).toBe("");
    expect(decision.verdict).toBe("Fulfilled");
  });

  it("combines actions where one alone does not reach", () => {
    const data = { popt: [100, 0.5, 80], cpuRange: [0.5, 2] };
    const scaling = { popt: [200, 0, 1, 0.2], throughputScale: [0, 1], replicaRange: [1, 2] };
    const decision = decideFor({
      objectives: [
        { profile: p99, target: 100, tolerance: 0 },
        { profile: rps, target: 0, tolerance: 0 },
      ],
      measured: values({ [p99]: 163, [rps]: 1 }),
      models: models([
        { group: "scaling", data: scaling },
        { group: "vertical_scaling", data },
      ]),
      resources: new Map([["0_cpu_limits", 500]]),
      pods: pods(1),
    });
    expect(decision.plan.map(({ name }) => name).toSorted()).toEqual(["scaleCPU", "scaleOut"]);
    expect(decision.verdict).toBe("Planned");
  });

  it("is the same whatever order things are told in", () => {
    const one = intent({ pods: pods(4), measured: calm });
    const other = {
      ...one,
      pods: one.pods.toReversed(),
      measured: new Map([...one.measured].toReversed()),
      resources: new Map([...one.resources].toReversed()),
    };
    expect(decideAll([other])[0]?.plan).toEqual(decideAll([one])[0]?.plan);
  });

  it("is the best so far when its time is over, and says so", () => {
    let nowMs = 0;
    const snapshot = {
      nowMs: noon,
      profiles,
      intents: [intent({ measured: calm, pods: pods(4) })],
      freeMilli: new Map(),
    };
    const config = configOf({ planner: { planner: { astar: { time_budget: 2 } } } });
    const [hasty] = decideIntents(config, snapshot, () => (nowMs += 1));
    expect(hasty).toMatchObject({ verdict: "Planned", cutShort: "time" });
    expect(hasty?.plan.length).toBeLessThan(decideAll(snapshot.intents)[0]?.plan.length ?? 0);
  });

  it("removes no pod while a target is missed, whatever a model says", () => {
    const pinned = { popt: [1, 0.01, 1, 0.01], throughputScale: [0.1, 0.1], replicaRange: [1, 8] };
    const decision = decideFor({
      pods: pods(4),
      models: models([{ group: "scaling", static: true, data: pinned }]),
    });
    expect(decision.rejected).toContainEqual({
      name: "rmPod",
      properties: { name: "pod_0" },
      reason: `${p99} is missed: every pod is needed`,
    });
    expect(decision.plan.map(({ name }) => name)).not.toContain("rmPod");
  });

  it("is not executed for an intent that is not active", () => {
    expect(decideFor({ active: false })).toMatchObject({ verdict: "Planned", execute: false });
  });
});

describe("targets", () => {
  const at = (value: number, tolerance: number): string =>
    decideFor({
      objectives: [
        { profile: p99, target: 100, tolerance },
        { profile: rps, target: 0, tolerance: 0 },
      ],
      measured: values({ [p99]: value, [rps]: 24.3 }),
    }).verdict;

  it("are met within their tolerance", () => {
    expect(at(110, 0.1)).toBe("Fulfilled");
    expect(at(110.1, 0.1)).toBe("Planned");
    expect(at(100.1, 0)).toBe("Planned");
  });

  it("that nothing leads to are told so, and nothing is done", () => {
    const decision = decideFor({ models: models([]) });
    expect(decision).toMatchObject({ verdict: "Unreachable", plan: [] });
    expect(decision.rejected.length).toBeGreaterThan(0);
  });

  it("that nothing leads to are approached as far as something may go", () => {
    const data = { popt: [200, 0, 1, 0.2], throughputScale: [0, 1], replicaRange: [1, 3] };
    const decision = decideFor({ models: models([{ group: "scaling", data }]) });
    expect(told(decision)).toBe("scaleOut 2");
    expect(decision).toMatchObject({ verdict: "Bounded", reason: "what 4 replicas come to has not been seen" });
  });

  it("of which some can be reached are approached where opportunistic planning is on", () => {
    const given = {
      objectives: [
        { profile: p99, target: 100, tolerance: 0 },
        { profile: availability, target: 0.9, tolerance: 0 },
      ],
      measured: values({ [p99]: 139, [availability]: 0.5 }),
    };
    const planned = (opportunistic: number): string =>
      told(
        decideFor(
          { ...given, resources: new Map([["0_cpu_limits", 900]]) },
          { planner: { planner: { astar: { opportunistic_candidates: opportunistic } } } },
        ),
      );
    expect(planned(0)).toBe("");
    expect(planned(1)).toBe("scaleCPU 1200");
  });
});

describe("what is not known", () => {
  it.each([
    ["missing", new Map(), `${p99} is missing; ${rps} is missing`],
    [
      "stale",
      new Map([...calm, [p99, { kind: "stale", value: 49, ageSeconds: 300 }]] as const),
      "49 was measured 300 s ago",
    ],
    ["the prototype's word for nothing", values({ [p99]: -1, [rps]: -1 }), `${p99} is missing: -1 is no value`],
    ["not a number", values({ [p99]: NaN, [rps]: 12 }), `${p99} is missing: NaN is no value`],
    ["half of it", values({ [p99]: 49 }), `${rps} is missing`],
  ] as const)("holds: %s", (_, measured, reason) => {
    const decision = decideFor({ measured, pods: pods(4) });
    expect(decision).toMatchObject({ verdict: "Unknown", plan: [], execute: false, wish: null });
    expect(decision.reason).toContain(reason);
  });

  it("holds without pods and without a profile", () => {
    expect(decideFor({ pods: pods(2, { phase: "Terminating" }) }).reason).toBe("the workload has no pods");
    expect(decideFor({}, {}, { profiles: new Map() }).reason).toContain(`profile ${p99} is not resolved`);
  });

  it("removes nothing while pods start, and counts them before it adds", () => {
    const [first, ...rest] = pods(4);
    const starting = [{ ...first!, phase: "Pending" }, ...rest];
    expect(decideFor({ measured: calm, pods: starting }).rejected).toContainEqual(
      expect.objectContaining({ name: "rmPod", reason: "pods are still starting" }),
    );
    const two = [...pods(1), ...pods(2, { phase: "Pending" }).slice(1)];
    expect(told(decideFor({ pods: two }))).toBe("scaleOut 2");
  });

  it("is found out by one replica at a time where that is allowed", () => {
    const configured = { actuators: { scaleOut: { max_proactive_scale_out: 3, proactive_latency_factor: 0.7 } } };
    const decision = decideFor({ models: models([]) }, configured);
    expect(decision.plan).toEqual([{ name: "scaleOut", properties: { factor: 1, proactive: 1 } }]);
    expect(told(decideFor({ models: models([]), pods: pods(3) }, configured))).toBe("");
  });
});

import { describe, expect, it } from "vitest";

import { loadGroup } from "../models/effects.ts";
import { decideFor, models, p99, pods, rps, told, values } from "./testing.ts";

/** 20 ms of CPU a request, which is 0.02 cores for each a second. */
const data = {
  popt: [0, 20, 20, 0.02],
  loadRange: [10, 150],
  replicaRange: [1, 4],
  cpuRange: [0.5, 2],
  mostBusy: 0.95,
};

const loadAware = models([{ group: loadGroup, data }]);
const resources = new Map([
  ["0_cpu_requests", 500],
  ["0_cpu_limits", 500],
]);

function planFor(load: number, latency: number, given: Parameters<typeof decideFor>[0] = {}): string {
  const measured = values({ [p99]: latency, [rps]: load });
  return told(decideFor({ measured, models: loadAware, pods: pods(2), resources, ...given }));
}

describe("a plan by the model of load, CPU and replicas", () => {
  it("gives what is missing at this load", () => {
    // 2 × 500 m at 45/s are 90 % busy: 400 ms. 95 ms take 2 × 700 m, which are 64 % busy: 80 ms.
    expect(planFor(45, 400)).toBe("scaleCPU 700");
  });

  it("takes what this load does not need, of CPU and of replicas", () => {
    // 10/s on 1 × 500 m are 40 % busy: 67 ms.
    expect(planFor(10, 20, { resources: new Map([["0_cpu_requests", 2_000]]) })).toBe("rmPod pod_0, scaleCPU 500");
  });

  it("leaves another load's CPU alone", () => {
    expect(planFor(25, 70)).toBe("");
  });

  it("goes nowhere that was not seen", () => {
    const { verdict, plan, reason } = decideFor({
      measured: values({ [p99]: 900, [rps]: 75 }),
      models: models([{ group: loadGroup, data: { ...data, cpuRange: [0.5, 0.6], replicaRange: [1, 3] } }]),
      pods: pods(2),
      resources,
    });
    expect(verdict).toBe("Bounded");
    expect(reason).toMatch(/was seen|has not been seen/);
    for (const { name, properties } of plan)
      if (name === "scaleCPU") expect(properties["value"]).toBeLessThanOrEqual(600);
      else expect(properties["factor"]).toBe(1);
  });

  it("is not trusted with being busier than anything that was seen", () => {
    // One replica of 500 m would be 80 % busy and take 200 ms; only half was seen.
    const calm = models([{ group: loadGroup, data: { ...data, mostBusy: 0.5 } }]);
    const plan = { measured: values({ [p99]: 60, [rps]: 20 }), pods: pods(2), resources };
    const objectives = [
      { profile: p99, target: 300, tolerance: 0 },
      { profile: rps, target: 0, tolerance: 0 },
    ];
    expect(told(decideFor({ ...plan, objectives, models: loadAware }))).toBe("rmPod pod_0");
    expect(told(decideFor({ ...plan, objectives, models: calm }))).toBe("");
  });

  it("leads away from being busier than anything that was seen", () => {
    // 45/s on 2 × 500 m are 90 % busy, of which half was seen: what is less busy than now is better known than now.
    const calm = models([{ group: loadGroup, data: { ...data, mostBusy: 0.5 } }]);
    expect(planFor(45, 400, { models: calm })).toBe("scaleCPU 700");
  });

  it("is the prototype's where the load is more than was seen", () => {
    const prototype = models();
    const beside = { ...prototype, load: models([{ group: loadGroup, data: { ...data, loadRange: [10, 20] } }]).load };
    expect(told(decideFor({ models: beside }))).toBe(told(decideFor({ models: prototype })));
    expect(told(decideFor({ models: prototype }))).not.toBe("");
  });

  it("is not asked for by the prototype's rules", () => {
    const all = { ...models(), load: loadAware.load };
    expect(told(decideFor({ models: all }, { manner: "prototype" }))).toBe(
      told(decideFor({ models: models() }, { manner: "prototype" })),
    );
  });
});

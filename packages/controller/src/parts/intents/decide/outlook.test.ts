import { describe, expect, it } from "vitest";

import { loadGroup } from "../models/effects.ts";
import type { IntentDecision } from "./decision.ts";
import type { IntentHistory, IntentSnapshot, Moment } from "./snapshot.ts";
import { decideFor, models, noon, p99, pods, rps, told, values } from "./testing.ts";

/** 20 ms of CPU a request: with two pods of 500 m, 25/s take 80 ms, 30/s 100 ms and 33/s 118 ms. */
const data = {
  popt: [0, 20, 20, 0.02],
  loadRange: [10, 150],
  replicaRange: [1, 4],
  cpuRange: [0.5, 2],
  mostBusy: 0.95,
};

const stepMs = 15_000;

interface Past {
  readonly loads: readonly number[];
  /** How many times the work that was planned for there was, each time. */
  readonly work?: number;
}

/** A round each 15 s, up to the one before now. */
function pastOf({ loads, work = 1 }: Past, given: Partial<IntentHistory> = {}): IntentHistory {
  const moments = loads.map((load, index): Moment => ({
    atMs: noon - (loads.length - index) * stepMs,
    load,
    works: new Map([[p99, work]]),
    planned: { load, serving: 2, cpuMilli: 500 },
  }));
  return { grownAtMs: null, shrunkAtMs: null, sinceMs: noon - 3_600_000, wishes: [], moments, ...given };
}

const steady = (load: number, work = 1): Past => ({ loads: Array.from<number>({ length: 100 }).fill(load), work });

interface Given extends Partial<IntentSnapshot> {
  readonly milli?: number;
  readonly leastPods?: number;
}

function decide(load: number, history: IntentHistory, given: Given = {}): IntentDecision {
  const { milli = 500, leastPods = 2, ...rest } = given;
  const workload = {
    measured: values({ [p99]: 90, [rps]: load }),
    models: models([{ group: loadGroup, data }]),
    pods: pods(2),
    resources: new Map([
      ["0_cpu_requests", milli],
      ["0_cpu_limits", milli],
    ]),
    history,
    ...rest,
  };
  return decideFor(workload, { actuators: { rmPod: { min_pods: leastPods } } });
}

describe("a plan for what is to come", () => {
  const triangle = Array.from({ length: 200 }, (_, step) => 20 + Math.min(step % 40, 40 - (step % 40)));

  it("gives before a target is missed, and nothing where the same load is falling", () => {
    expect(told(decide(29, pastOf({ loads: triangle.slice(0, 169) })))).toBe("scaleCPU 600");
    expect(told(decide(29, pastOf({ loads: triangle.slice(0, 191) })))).toBe("");
  });

  it("plans for as much more work as there was than was planned for", () => {
    expect(told(decide(25, pastOf(steady(25))))).toBe("");
    // 1.3 times the work: 148 ms on 500 m, 95 ms on 600 m.
    expect(told(decide(25, pastOf(steady(25, 1.3))))).toBe("scaleCPU 600");
  });

  it("takes at its word the last two minutes, when all of them had more work", () => {
    const { moments, ...rest } = pastOf(steady(25));
    const changed = moments.map((one, index) => (index < 92 ? one : { ...one, works: new Map([[p99, 1.3]]) }));
    const measured = values({ [p99]: 150, [rps]: 25 });
    expect(told(decide(25, { ...rest, moments: changed }, { measured }))).toBe("scaleCPU 600");
    const missed = decide(25, { ...rest, moments }, { measured });
    expect(missed).toMatchObject({ verdict: "Held", plan: [], objectives: [{ value: 150, met: false }, {}] });
    expect(missed.reason).toBe("what there is will bring default/p99latency from 150 to 100");
  });

  it("takes CPU at once, and replicas only as far as the window has it", () => {
    const given = { milli: 1_000, leastPods: 1 };
    const wishes = [{ atMs: noon - 60_000, pods: 2, cpuMilli: 1_000 }];
    const shrunkAtMs = noon - 10_000;
    expect(told(decide(25, pastOf(steady(25), { wishes, shrunkAtMs }), given))).toBe("scaleCPU 500");
    // One pod of 800 m takes 67 ms.
    expect(told(decide(25, pastOf(steady(25)), given))).toBe("rmPod pod_0, scaleCPU 800");
  });

  it("gives fewer replicas more CPU where that is less", () => {
    expect(told(decide(25, pastOf(steady(25)), { pods: pods(3), leastPods: 1 }))).toBe(
      "rmPod pod_0, rmPod pod_1, scaleCPU 800",
    );
  });

  it("gives CPU at once while replicas start", () => {
    const [one, two, three] = pods(3);
    const starting = [one, two, { ...three, ready: false }] as IntentSnapshot["pods"];
    const wishes = [{ atMs: noon - 60_000, pods: 3, cpuMilli: 500 }];
    const history = pastOf(steady(33), { wishes });
    expect(told(decide(33, history, { pods: starting }))).toBe("scaleCPU 600");
    expect(told(decide(33, history, { pods: pods(3) }))).toBe("");
  });

  it("adds the replicas that the load takes when they serve, each with as much CPU as was seen", () => {
    // 2 × 600 m are 75 % busy and take 133 ms, 3 × 600 m are half busy and take 67 ms.
    const small = models([{ group: loadGroup, data: { ...data, cpuRange: [0.5, 0.6] } }]);
    expect(told(decide(45, pastOf(steady(45)), { models: small }))).toBe("scaleCPU 600, scaleOut 1");
  });

  it("notes what was measured and planned for", () => {
    const { moment, foreseen } = decide(25, pastOf(steady(25)));
    expect(foreseen).toBe(true);
    expect(moment).toMatchObject({ atMs: noon, load: 25, planned: { load: 25, serving: 2, cpuMilli: 500 } });
    // 90 ms where 80 were expected.
    expect(moment?.works.get(p99)).toBeCloseTo(1.06, 2);
  });

  it("is one for what is measured, while too little was seen or by the prototype's rules", () => {
    const few = pastOf({ loads: [25, 25, 25] });
    expect(decide(25, few)).toMatchObject({ foreseen: false, moment: { load: 25 } });
    // Nine replicas were never seen.
    expect(decide(25, pastOf(steady(25)), { pods: pods(9) })).toMatchObject({ foreseen: false });
  });
});

import { describe, expect, it } from "vitest";

import type { IntentHistory } from "./snapshot.ts";
import { decideAll, decideFor, intent, models, noon, p99, pods, rps, told, values } from "./testing.ts";

const calm = { measured: values({ [p99]: 49.758, [rps]: 12.5 }), pods: pods(4) };
const ago = (seconds: number): number => noon - seconds * 1000;

/** Long ago nothing was done, and ever since less would have been enough. */
const settled: IntentHistory = { sinceMs: ago(3_600), grownAtMs: null, shrunkAtMs: null, wishes: [], moments: [] };
const wish = (seconds: number, count: number): IntentHistory["wishes"][number] => ({
  atMs: ago(seconds),
  pods: count,
  cpuMilli: 1_200,
});

describe("what is taken away", () => {
  it("is taken once it has been enough for the whole window", () => {
    expect(told(decideFor({ ...calm, history: settled }))).toBe("rmPod pod_0, rmPod pod_1");
    const waiting = decideFor({ ...calm, history: { ...settled, sinceMs: ago(30) } });
    expect(waiting).toMatchObject({ verdict: "Held", plan: [], wish: { pods: 2 } });
    expect(waiting.reason).toBe("less has been enough for 30 s of the 120 s that it must be");
  });

  it("leaves the most that was wished for within the window", () => {
    const wished = { ...calm, history: { ...settled, wishes: [wish(200, 4), wish(110, 3), wish(20, 2)] } };
    const decision = decideFor(wished);
    expect(told(decision)).toBe("rmPod pod_0");
    expect(decision.wish).toMatchObject({ pods: 2 });
  });

  it("waits after anything was changed", () => {
    for (const history of [
      { ...settled, grownAtMs: ago(60) },
      { ...settled, shrunkAtMs: ago(60) },
    ]) {
      const decision = decideFor({ ...calm, history });
      expect(told(decision)).toBe("");
      const reason = "was changed 60 s ago: cools down for 90 s";
      expect(decision).toMatchObject({ verdict: "Fulfilled", rejected: [{ name: "rmPod", reason }] });
    }
    expect(told(decideFor({ ...calm, history: { ...settled, grownAtMs: ago(91) } }))).not.toBe("");
  });

  it("leaves a margin that hysteresis tells; what is met without it stays", () => {
    const least = (hysteresis: number): number =>
      decideFor(calm, { planner: { planner: { stability: { hysteresis } } } }).plan.length;
    expect([0, 0.05, 0.15, 0.2].map(least)).toEqual([3, 2, 1, 0]);
  });
});

describe("a learnt model", () => {
  const data = { popt: [60, 0.3, 1, 0.03], throughputScale: [0.1, 0], replicaRange: [1, 4] };
  const removed = (given: object, latency: number): number =>
    decideFor({
      ...calm,
      measured: values({ [p99]: latency, [rps]: 10 }),
      models: models([
        { group: "scaling", ...given, data: { ...data, ...("data" in given ? (given.data as object) : {}) } },
      ]),
    }).plan.length;

  it("is doubted by its deviation and by what is measured, before anything is taken", () => {
    expect([0, 20, 30].map((deviation) => removed({ data: { deviation } }, 70))).toEqual([3, 1, 0]);
    expect(removed({}, 93)).toBe(0);
    expect(removed({ static: true }, 93)).toBe(3);
  });
});

describe("what is added", () => {
  it("waits for what was added before, not for what was taken", () => {
    const grown = decideFor({ history: { ...settled, grownAtMs: ago(30) } });
    expect(grown).toMatchObject({ verdict: "Held", plan: [], reason: "was grown 30 s ago: cools down for 45 s" });
    expect(told(decideFor({ history: { ...settled, shrunkAtMs: ago(1) } }))).toBe("scaleOut 3");
  });

  it("fits on the nodes that are known", () => {
    const within = (freeMilli: Record<string, number>): string =>
      told(decideFor({}, {}, { freeMilli: new Map(Object.entries(freeMilli)) }));
    expect(within({})).toBe("scaleOut 3");
    expect(within({ node_0: 1_200, node_1: 2_500 })).toBe("scaleOut 3");
    expect(within({ node_0: 1_100, node_1: 2_500 })).toBe("scaleOut 2");
    expect(within({ node_0: 0 })).toBe("");
  });
});

describe("several intents", () => {
  const named = (name: string, priority: number): ReturnType<typeof intent> =>
    intent({
      name: `default/${name}`,
      target: { kind: "Deployment", name: `default/${name}` },
      priority,
      models: intent().models,
    });

  it("share nodes by priority", () => {
    const decisions = decideAll(
      [named("low", 0.1), named("high", 0.9)],
      {},
      { freeMilli: new Map([["node_0", 6_000]]) },
    );
    expect(decisions.map((decision) => [decision.intent, told(decision)])).toEqual([
      ["default/high", "scaleOut 3"],
      ["default/low", "scaleOut 2"],
    ]);
    expect(decisions[1]?.reason).toBe("nodes have no room for more");
  });

  it("do not take room with plans that are not done", () => {
    const idle = { ...named("high", 0.9), active: false };
    const decisions = decideAll([named("low", 0.1), idle], {}, { freeMilli: new Map([["node_0", 3_600]]) });
    expect(decisions.map(told)).toEqual(["scaleOut 3", "scaleOut 3"]);
  });

  it("of one workload are one too many; the first decides", () => {
    const twins = [named("a", 0.5), { ...named("b", 0.9), target: named("a", 1).target }];
    const decisions = decideAll(twins);
    expect(decisions.map(({ intent: name, verdict }) => [name, verdict])).toEqual([
      ["default/b", "Planned"],
      ["default/a", "Conflict"],
    ]);
    expect(decisions[1]?.reason).toBe("default/b goes first");
  });

  it("reach only for workloads of their own namespace, and one that does not stops nobody", () => {
    const thief = { ...named("a", 1), target: { kind: "Deployment", name: "prod/shop" } };
    const owner = { ...named("a", 0.1), name: "prod/own", target: { kind: "Deployment", name: "prod/shop" } };
    const blind = { ...named("c", 0.5), measured: new Map() };
    expect(decideAll([thief, blind, owner]).map(({ verdict }) => verdict)).toEqual(["Refused", "Unknown", "Planned"]);
  });

  it("plans for a workload of another namespace that takes the intent", () => {
    const target = { kind: "Deployment", name: "prod/shop" };
    const guest = { ...named("b", 0.5), target, granted: true };
    expect(decideAll([{ ...named("a", 1), target }, guest]).map(({ verdict }) => verdict)).toEqual([
      "Refused",
      "Planned",
    ]);
  });
});

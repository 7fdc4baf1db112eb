import { describe, expect, it } from "vitest";

import type { IntentSnapshot, PodState } from "../decide/snapshot.ts";
import { models, noon, p99, pods, rps, told, values } from "../decide/testing.ts";
import { predictReplicas } from "../models/replicas.ts";
import { type Answer, blank, decideWith, step } from "./testing/fakePlugins.ts";

const gpu = new Map([
  ["0_cpu_requests", 1_200],
  ["0_cpu_limits", 1_200],
  ["0_example.com/gpu_limits", 1_000],
]);
const dummy: PodState = { name: "dummy@1", availability: 1, node: null, phase: "Running", qosClass: "" };
const calm = values({ [p99]: 20, [rps]: 12.5 });

describe("planning with foreign actuators", () => {
  it("asks nobody where nobody has registered", async () => {
    const { plugins, ...decision } = await decideWith({});
    expect(told(decision)).toBe("scaleOut 3");
    expect(plugins.asked).toEqual([]);
  });

  it("takes what no model of ours knows, step after step", async () => {
    const decision = await decideWith(
      { addGpu: (question) => [step(question, (question.state.objectives.get(p99) ?? 0) - 20, { resources: gpu })] },
      blank,
    );
    expect(decision).toMatchObject({ verdict: "Planned", cutShort: null });
    expect(told(decision)).toBe("addGpu 119, addGpu 99");
    expect(decision.objectives[0]?.expected).toBe(99.25);
    expect(decision.cost).toBeCloseTo(2 * 0.5 + 2 * 0.05, 2);
  });

  it("takes the cheapest of several, by what they say where we do not know what it takes", async () => {
    const decision = await decideWith(
      {
        cheap: (question) => [step(question, 90, { utility: 0.2 })],
        dear: (question) => [step(question, 50, { utility: 0.8 })],
      },
      blank,
    );
    expect(told(decision)).toBe("cheap 90");
    expect(decision.rejected.map(({ name, reason }) => `${name} ${reason}`)).toContainEqual(
      expect.stringMatching(/^dear costs .*, more than the plan$/),
    );
  });

  it("goes on from foreign states by what our models say of a change", async () => {
    const tuned = new Map([["tuned", new Map([["node_0", 1]])]]);
    const replicas = { ...models(), cpu: new Map() };
    const objectives = [
      { profile: p99, target: 80, tolerance: 0 },
      { profile: rps, target: 0, tolerance: 0 },
    ];
    const tune: Answer = (question) => (question.state.data.size > 0 ? [] : [step(question, 100, { data: tuned })]);
    const alone = await decideWith({ tune: () => [] }, { models: replicas, objectives });
    expect(alone.verdict).toBe("Bounded");
    const decision = await decideWith({ tune }, { models: replicas, objectives });
    expect(told(decision)).toBe("tune 100, scaleOut 2");
    const [model] = replicas.replicas.values();
    const factor = predictReplicas(model!, 24.3, 3)! / predictReplicas(model!, 24.3, 1)!;
    expect(decision.objectives[0]?.expected).toBeCloseTo(100 * factor, 9);
  });

  it("leaves its own actuator out where a foreign one has its name, and replicas to whoever has one of both", async () => {
    const decision = await decideWith({ scaleOut: () => [] }, { measured: calm, pods: pods(4) });
    expect(decision.plan.map(({ name }) => name)).not.toContain("rmPod");
    const others = await decideWith({ other: () => [] }, { measured: calm, pods: pods(4) });
    expect(others.plan.map(({ name }) => name)).toContain("rmPod");
  });

  it("is the same whatever order plugins answer in", async () => {
    const later =
      (answer: Answer, turns: number): Answer =>
      async (question) => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        return answer(question);
      };
    const a: Answer = (question) => [step(question, 90)];
    const b: Answer = (question) => [step(question, 90)];
    const one = await decideWith({ a: later(a, 5), b }, blank);
    const other = await decideWith({ b: later(b, 5), a }, blank);
    expect(told(one)).toBe("a 90");
    expect(other.plan).toEqual(one.plan);
  });
});

describe("what a foreign actuator may not do", () => {
  const reasons = async (
    answer: Answer,
    given: Partial<IntentSnapshot> = {},
    configured: Parameters<typeof decideWith>[2] = {},
  ): Promise<string[]> =>
    (await decideWith({ other: answer }, { ...blank, ...given }, configured)).rejected
      .filter(({ name }) => name === "other")
      .map(({ reason }) => reason);

  it("add or take while it is not the time for it", async () => {
    const history = { grownAtMs: noon - 1_000, shrunkAtMs: null, sinceMs: 0, wishes: [], moments: [] };
    const grow: Answer = (question) => [step(question, 90, { pods: [...question.state.pods, dummy] })];
    expect(await reasons(grow, { history })).toEqual(["was grown 1 s ago: cools down for 45 s"]);
    const shrink: Answer = (question) => [step(question, 30, { pods: question.state.pods.slice(1) })];
    expect(await reasons(shrink, { history, measured: calm, pods: pods(3) })).toEqual([
      "was changed 1 s ago: cools down for 90 s",
    ]);
  });

  it("take a pod while a target is missed, or the last one", async () => {
    const remove: Answer = (question) => [step(question, 30, { pods: question.state.pods.slice(1) })];
    expect(await reasons(remove, { pods: pods(3) })).toEqual([`${p99} is missed: every pod is needed`]);
    expect(await reasons(remove, { measured: calm, pods: pods(1) })).toEqual(["no replica would be left"]);
  });

  it("give and take in one step", async () => {
    const both: Answer = (question) => [step(question, 90, { pods: [dummy] })];
    expect(await reasons(both)).toEqual(["a plan gives or takes, and never both"]);
  });

  it("go down to no CPU, or up to more than nodes have", async () => {
    const cpu =
      (milli: number): Answer =>
      (question) => [step(question, 90, { resources: new Map([["0_cpu_limits", milli]]) })];
    expect(await reasons(cpu(0), { measured: calm })).toEqual(["0 m of CPU is next to nothing"]);
    const freeMilli = new Map([["node_0", 100]]);
    expect(await reasons(cpu(2_000), {}, { snapshot: { freeMilli } })).toEqual(["nodes have no room for it"]);
  });

  it("say nothing of an objective", async () => {
    const silent: Answer = (question) => {
      const proposal = step(question, 90);
      return [{ ...proposal, state: { ...proposal.state, objectives: new Map([[rps, 3]]) } }];
    };
    expect(await reasons(silent)).toEqual([`other does not say what ${p99} comes to`]);
  });

  it("guess before all that is known is tried", async () => {
    const decision = await decideWith(
      {
        guesser: (question) => [step(question, 50, { utility: 0, properties: { proactive: 1 } })],
        knower: (question) => [step(question, 90, { utility: 0.9 })],
      },
      blank,
    );
    expect(told(decision)).toBe("knower 90");
    expect(decision.plugins.asked.filter(({ state }) => state.objectives.get(p99) === 50)).toEqual([]);
  });
});

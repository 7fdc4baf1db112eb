import { systemClock, VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { configOf, intent, p99, told } from "../decide/testing.ts";
import { pluginLimits } from "./limits.ts";
import { decideWithPlugins } from "./planning.ts";
import { type Answer, blank, decideWith, FakePlugins, snapshotOf, step } from "./testing/fakePlugins.ts";

const signal = new AbortController().signal;

describe("bounds of planning with plugins", () => {
  const endless: Answer = (question) => [
    step(question, 300 + question.state.data.size, {
      utility: 0,
      data: new Map<string, ReadonlyMap<string, number>>([
        ...question.state.data,
        [`n${question.state.data.size}`, new Map()],
      ]),
    }),
  ];

  it("one that fails is not asked again for this plan, and the others' plan is taken", async () => {
    const decision = await decideWith(
      {
        broken: () => Promise.reject(new Error("broken")),
        works: (question) => [step(question, (question.state.objectives.get(p99) ?? 0) - 20)],
      },
      blank,
    );
    expect(told(decision)).toBe("works 119, works 99");
    expect(decision.plugins.asked.filter(({ actuator }) => actuator === "broken")).toHaveLength(1);
  });

  it("rounds: a way without end is not followed for ever", async () => {
    const decision = await decideWith({ endless, works: (question) => [step(question, 90, { utility: 5 })] }, blank);
    expect(told(decision)).toBe("works 90");
    expect(decision.cutShort).toBe("states");
    expect(decision.plugins.asked.filter(({ actuator }) => actuator === "endless").length).toBeLessThanOrEqual(
      pluginLimits.questionsPerPlan,
    );
  });

  it("memory: huge answers end the asking", async () => {
    const huge = new Map(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, "v"] as const));
    let turn = 0;
    const many: Answer = (question) =>
      Array.from({ length: 200 }, () =>
        step(question, 300, { utility: 0, annotations: new Map([...huge, ["turn", `${(turn += 1)}`]]) }),
      );
    const decision = await decideWith({ many }, blank);
    expect(decision.cutShort).toBe("states");
    expect(decision.plugins.asked.length).toBeLessThan(20);
  });

  it("time: the plan so far is taken when it is over", async () => {
    const clock = new VirtualClock();
    const plugins = new FakePlugins({
      hangs: () => new Promise(() => undefined),
      works: (question) => [step(question, 90)],
    });
    const decided = decideWithPlugins({ config: configOf(), clock, plugins }, snapshotOf(intent(blank)), signal);
    await clock.advance(0);
    await clock.advance(pluginLimits.planMs);
    const [decision] = await decided;
    expect(told(decision!)).toBe("works 90");
    expect(decision?.cutShort).toBe("time");
  });

  it("whoever gives up is told so", async () => {
    const gone = new AbortController();
    const plugins = new FakePlugins({ hangs: () => (gone.abort(new Error("the controller stops")), []) });
    const planning = { config: configOf(), plugins, clock: systemClock };
    const snapshot = snapshotOf(intent(blank));
    await expect(decideWithPlugins(planning, snapshot, gone.signal)).rejects.toThrow("the controller stops");
  });
});

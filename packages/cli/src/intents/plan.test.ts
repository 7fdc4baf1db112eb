import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { plan } from "./plan.ts";
import { answerOf, printDecisions } from "./print.ts";

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "intent-plan-"));
  writeFileSync(file("defaults.json"), JSON.stringify({ planner: { astar: { max_states: 5_000 } } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const intent = {
  name: "default/my-intent",
  targetRef: { kind: "Deployment", name: "default/function-deployment" },
  priority: 1,
  objectives: [
    { name: "p99", value: 0.03, measuredBy: "default/p99latency" },
    { name: "rps", value: 0, measuredBy: "default/throughput" },
    { name: "availability", value: 0.999, measuredBy: "default/availability" },
  ],
  current: { "default/p99latency": 0.04, "default/throughput": 4800, "default/availability": 0.998 },
  pods: { pod_0: { availability: 0.9 }, pod_1: { availability: 0.98 } },
};

const canonical = {
  profiles: {
    "default/p99latency": { type: "latency" },
    "default/throughput": { type: "throughput", minimize: false },
    "default/availability": { type: "availability" },
  },
  intents: [intent],
  effects: [
    {
      name: "default/my-intent",
      group: "scaling",
      profileName: "default/p99latency",
      static: true,
      data: {
        popt: [0.306355135, 0.193240314, 53.0816499, 0.0147372746],
        throughputScale: [0.00214390554, 0.99935682854],
        replicaRange: [1, 12],
      },
    },
  ],
};

function planOf(state: object | string, more: { readonly prototype?: boolean } = {}): ReturnType<typeof plan> {
  writeFileSync(file("state.json"), typeof state === "string" ? state : JSON.stringify(state));
  return plan({ config: file("defaults.json"), state: file("state.json"), ...more });
}

describe("walras intent plan --state", () => {
  it("plans exactly two replicas more in the canonical case, by either rules", () => {
    for (const prototype of [false, true]) {
      const answer = answerOf(planOf(canonical, { prototype }).decisions);
      expect(answer.plan).toEqual([{ name: "scaleOut", properties: { factor: 2 } }]);
      expect(answer.cost).toBeGreaterThan(0);
      expect(answer.rejected.map(({ name }) => name)).toContain("rmPod");
    }
  });

  it("plans for the example of the documents", () => {
    const state = join(import.meta.dirname, "../../../../deploy/examples/intents/state.json");
    const { decisions, warnings } = plan({ state });
    expect(warnings).toEqual([]);
    expect(answerOf(decisions).plan).toEqual([{ name: "scaleOut", properties: { factor: 2 } }]);
  });

  it("prints what is planned, what is not and why", () => {
    const text = printDecisions(planOf(canonical).decisions);
    expect(text).toContain(
      "default/my-intent → default/function-deployment: Planned, to bring default/p99latency from 0.04 to 0.03",
    );
    expect(text).toMatch(/default\/p99latency +0\.04 +0\.03 +0\.026287\n/);
    expect(text).toMatch(/plan: scaleOut factor=2, cost \d/);
    expect(text).toContain("not scaleOut factor=1: leaves default/p99latency");
  });

  it("plans for several, each action with its intent's name", () => {
    const other = { ...intent, name: "default/other", targetRef: { name: "default/other" }, priority: 0.5 };
    const effects = [...canonical.effects, { ...canonical.effects[0], name: "default/other" }];
    const { plan: actions, intents } = answerOf(planOf({ ...canonical, intents: [other, intent], effects }).decisions);
    expect(actions).toEqual([
      { name: "scaleOut", properties: { factor: 2 }, intent: "default/my-intent" },
      { name: "scaleOut", properties: { factor: 2 }, intent: "default/other" },
    ]);
    expect(intents.map(({ intent: name, verdict }) => [name, verdict])).toEqual([
      ["default/my-intent", "Planned"],
      ["default/other", "Planned"],
    ]);
  });

  it.each([null, undefined, { value: 0.04, ageSeconds: 300 }])("holds where the latency is %j", (p99) => {
    const current = { ...intent.current, "default/p99latency": p99 };
    const answer = answerOf(planOf({ ...canonical, intents: [{ ...intent, current }] }).decisions);
    expect(answer).toMatchObject({ plan: [], cost: 0, intents: [{ verdict: "Unknown" }] });
    expect(printDecisions(answer.intents)).toMatch(/default\/p99latency +\? +0\.03 +\?\n/);
  });

  it("computes the availability of pods that nobody measures, and remembers what was done", () => {
    const { "default/availability": _, ...current } = intent.current;
    const unmeasured = planOf({ ...canonical, intents: [{ ...intent, current }] });
    expect(unmeasured.decisions[0]?.objectives[2]).toMatchObject({ value: 0.998, met: false });
    const history = { since: "2026-01-01T11:00:00Z", grownAt: "2026-01-01T11:59:50Z" };
    const again = planOf({ ...canonical, now: "2026-01-01T12:00:00Z", intents: [{ ...intent, history }] });
    expect(again.decisions[0]).toMatchObject({ verdict: "Held", plan: [] });
  });

  it("takes the plugins' configurations from the file", () => {
    const { decisions } = planOf({ ...canonical, actuators: { scaleOut: { max_pods: 3 } } });
    expect(decisions[0]).toMatchObject({ verdict: "Bounded", reason: "max_pods 3" });
  });

  it.each([
    [{ ...canonical, profiles: { x: {} } }, 'profiles.x: "x"|profiles.x'],
    [{ ...canonical, intents: [] }, "state.json.intents: []"],
    [{ ...canonical, intents: [{ ...intent, priority: 2 }] }, "intents.0.priority: 2"],
    [{ ...canonical, intents: [{ ...intent, targetRef: { name: "nowhere" } }] }, 'intents.0.targetRef.name: "nowhere"'],
    [{ ...canonical, intents: [{ ...intent, pods: { a: { availability: 2 } } }] }, "intents.0.pods.a.availability: 2"],
    [{ ...canonical, intents: [intent, intent] }, 'intents.1.name: "default/my-intent" is there twice'],
    [{ ...canonical, effects: [{}] }, "state.json.effects.0.name"],
    [{ ...canonical, actuators: { rmPod: { min_pods: 0 } } }, "state.json.actuators.rmPod.min_pods: 0"],
    [{ ...canonical, intent: [] }, "Unrecognized key"],
    ["{", 'state.json: "{" is not JSON'],
  ])("names what is wrong with the state: %#", (state, named) => {
    expect(() => planOf(state)).toThrow(new RegExp(named.replaceAll(/[.[\]{}]/g, String.raw`\$&`)));
  });

  it("names what is wrong with the files and the configuration", () => {
    expect(() => plan({ state: file("none.json") })).toThrow(/--state: ".*none\.json" cannot be read \(ENOENT\)/);
    writeFileSync(file("bad.json"), JSON.stringify({ controller: { workers: 0 } }));
    expect(() => plan({ config: file("bad.json"), state: file("state.json") })).toThrow("controller.workers: 0");
  });
});

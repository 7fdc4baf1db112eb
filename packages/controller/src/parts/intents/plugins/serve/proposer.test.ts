import { VirtualClock } from "@walras/kit";
import type { NextStateRequest, NextStateResponse, State as StateMessage } from "@walras/proto/plugins";
import { describe, expect, it } from "vitest";

import { toldNow } from "../../decide/foreign/words.ts";
import { configOf, intent, models, p99, pods, profiles, rps } from "../../decide/testing.ts";
import { goalMessage, profileMessages, stateMessage } from "../wire/messages.ts";
import { Proposer } from "./proposer.ts";

const one = intent();
const objectives = new Map([
  [p99, 139.25],
  [rps, 24.3],
]);

function proposer(clock = new VirtualClock()): Proposer {
  return new Proposer({ config: configOf(), models: { modelsFor: () => models() }, clock });
}

function request(change: (state: StateMessage) => Partial<StateMessage> = () => ({})): NextStateRequest {
  const state = stateMessage(one, toldNow(one, objectives));
  return { state: { ...state, ...change(state) }, goal: goalMessage(one), profiles: profileMessages(one, profiles) };
}

function told({ actions }: NextStateResponse): readonly unknown[] {
  return actions.map(({ name, properties }) => [
    name,
    ...Object.values(properties?.intProperties ?? {}),
    ...Object.values(properties?.strProperties ?? {}),
  ]);
}

const pod = (name: string): StateMessage["currentPods"] => ({
  [name]: { availability: 1, nodeName: "", state: "Running", qosClass: "Guaranteed" },
});

describe("what our actuators propose to a foreign planner", () => {
  it("is states, the prototype's utilities, and actions with their properties", () => {
    const answer = proposer().propose("scaleOut", request());
    expect(told(answer)).toEqual([["scaleOut", 3]]);
    expect(answer.utilities[0]).toBeCloseTo(0.9 + 4 / 128, 9);
    expect(Object.keys(answer.states[0]?.currentPods ?? {})).toEqual(["pod_0", "dummy@1", "dummy@2", "dummy@3"]);
    expect(answer.states[0]?.intent?.key).toBe("default/my-intent");
    expect(answer.states[0]?.intent?.objectives[p99]).toBeLessThanOrEqual(100);
  });

  it("sizes the CPU of the last container once on a way", () => {
    const own = proposer();
    const first = own.propose("scaleCPU", request());
    expect(told(first)).toEqual([["scaleCPU", 1_200]].slice(0, first.actions.length));
    const [state] = own.propose("scaleOut", request()).states;
    expect(told(own.propose("rmPod", { ...request(), state }))).toEqual([]);
  });

  it("is nothing where something is not known", () => {
    const own = proposer();
    const unknown = request((state) => ({ intent: { ...state.intent!, objectives: { [p99]: -1, [rps]: 3 } } }));
    expect(own.propose("scaleOut", unknown).states).toEqual([]);
    const unmeasured = request((state) => ({ intent: { ...state.intent!, objectives: {} } }));
    expect(own.propose("scaleOut", unmeasured).states).toEqual([]);
    expect(
      own.propose(
        "scaleOut",
        request(() => ({ currentPods: {} })),
      ).states,
    ).toEqual([]);
    expect(own.propose("nobody", request()).states).toEqual([]);
  });

  it("adds to pods that another actuator has planned, and removes none beside them", () => {
    const own = proposer();
    const grown = request(() => ({ currentPods: { ...pod("pod_0"), ...pod("dummy@1") } }));
    const answer = own.propose("scaleOut", grown);
    expect(told(answer)).toEqual([["scaleOut", 2]]);
    expect(Object.keys(answer.states[0]?.currentPods ?? {})).toEqual(["pod_0", "dummy@1", "dummy@2", "dummy@3"]);
    const calm = request((state) => ({
      intent: { ...state.intent!, objectives: { [p99]: 10, [rps]: 7 } },
      currentPods: { ...pod("pod_0"), ...pod("pod_1"), ...pod("dummy@2") },
    }));
    expect(own.propose("rmPod", calm).states).toEqual([]);
  });

  it.each([
    ["state", { ...request(), state: undefined }, "state: undefined is missing"],
    ["goal", { ...request(), goal: undefined }, "goal: undefined is missing"],
    [
      "priority",
      request((state) => ({ intent: { ...state.intent!, priority: 0 } })),
      "state.intent.priority: 0 is not above 0 and at most 1",
    ],
    [
      "profile",
      { ...request(), profiles: { a: { key: "a", profileType: 9 as 0, minimize: true } } },
      "profiles[a].profile_type: 9 is not known",
    ],
  ])("is refused where the %s cannot be read", (_, bad, reason) => {
    expect(() => proposer().propose("scaleOut", bad)).toThrow(reason);
  });

  it("remembers what it has told for a minute, and then takes it for where the workload is", async () => {
    const clock = new VirtualClock();
    const own = proposer(clock);
    const calm = request((state) => ({
      intent: { ...state.intent!, objectives: { [p99]: 49.758, [rps]: 12.5 } },
      currentPods: Object.assign({}, ...pods(4).map(({ name }) => pod(name))) as StateMessage["currentPods"],
    }));
    const [after] = own.propose("rmPod", calm).states;
    expect(told(own.propose("rmPod", { ...calm, state: after }))).toEqual([["rmPod", "pod_1"]]);
    expect(told(own.propose("scaleOut", { ...calm, state: after }))).toEqual([]);
    await clock.advance(60_000);
    const bad = { ...after!, intent: { ...after!.intent!, objectives: { [p99]: 139.25, [rps]: 24.3 } } };
    expect(told(own.propose("scaleOut", { ...calm, state: bad }))).toEqual([["scaleOut", 1]]);
  });
});

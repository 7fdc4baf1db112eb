import { systemClock } from "@walras/kit";
import { type NextStateRequest, ProfileType, PropertyType } from "@walras/proto/plugins";
import { afterEach, describe, expect, it } from "vitest";

import { p99, rps } from "../../decide/testing.ts";
import { noProposals } from "../testing/doublePlugin.ts";
import { closeRigs, newRig, type PluginRig, situation, toldOf } from "../testing/rig.ts";

afterEach(closeRigs);

const signal = new AbortController().signal;
const now = situation();
const state = toldOf(now);

function ask({ manager }: PluginRig, actuator = "scaleOut"): ReturnType<typeof manager.plugins.propose> {
  return manager.plugins.propose({ intent: now.intent.name, actuator, key: "k", state }, now, signal);
}

async function isAnswered(own: PluginRig): Promise<void> {
  const asked = (): Promise<string> =>
    ask(own).then(
      () => "answered",
      () => "not yet",
    );
  await expect.poll(asked, { timeout: 5_000 }).toBe("answered");
}

const twoMore = ({ state: told }: NextStateRequest) => ({
  states: [
    {
      ...told!,
      currentPods: {
        ...told!.currentPods,
        "dummy@1": { availability: 1, nodeName: "", state: "Running", qosClass: "" },
      },
      intent: { ...told!.intent!, objectives: { [p99]: 90, [rps]: 24.3 } },
    },
  ],
  utilities: [0.92],
  actions: [
    {
      name: "scaleOut",
      properties: { type: PropertyType.INT_PROPERTY, intProperties: { factor: 2 }, strProperties: {} },
    },
  ],
});

describe("a stock actuator's conversation", () => {
  it("registers, is connected to, and answers one question after another on one stream", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: twoMore });
    const answers = await Promise.all([ask(own), ask(own), ask(own)]);
    expect(double.streams).toBe(1);
    expect(double.requests).toHaveLength(3);
    for (const [proposal] of answers)
      expect(proposal).toMatchObject({ action: { name: "scaleOut", properties: { factor: 2 } }, utility: 0.92 });
    expect(answers[0]?.[0]?.state.objectives.get(p99)).toBe(90);
    expect(answers[0]?.[0]?.state.pods.map(({ name }) => name)).toEqual(["pod_0", "dummy@1"]);
  });

  it("is told state, goal and profiles by the prototype's names", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    await ask(own);
    expect(double.requests[0]).toEqual({
      state: {
        intent: {
          key: "default/my-intent",
          priority: 1,
          targetKey: "default/function-deployment",
          targetKind: "Deployment",
          objectives: { [p99]: 139.25, [rps]: 24.3 },
        },
        currentPods: { pod_0: { availability: 1, nodeName: "node_0", state: "Running", qosClass: "Guaranteed" } },
        currentData: {},
        resources: { "0_cpu_requests": 1_200, "0_cpu_limits": 1_200 },
        annotations: {},
      },
      goal: {
        intent: {
          key: "default/my-intent",
          priority: 1,
          targetKey: "default/function-deployment",
          targetKind: "Deployment",
          objectives: { [p99]: 100, [rps]: 0 },
        },
        currentPods: {},
        currentData: {},
        resources: {},
        annotations: {},
      },
      profiles: {
        [p99]: { key: p99, profileType: ProfileType.LATENCY, minimize: true },
        [rps]: { key: rps, profileType: ProfileType.THROUGHPUT, minimize: false },
      },
    });
  });

  it("is given the whole plan, each action with its properties, and told of a moment to learn", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    const plan = [
      { name: "scaleOut", properties: { factor: 2 } },
      { name: "rmPod", properties: { name: "pod_0" } },
      { name: "other", properties: {} },
    ];
    await own.manager.plugins.perform("scaleOut", now, plan, signal);
    expect(double.performed[0]?.plan).toEqual([
      { name: "scaleOut", properties: { type: 0, intProperties: { factor: 2 }, strProperties: {} } },
      { name: "rmPod", properties: { type: 1, intProperties: {}, strProperties: { name: "pod_0" } } },
      { name: "other", properties: { type: 0, intProperties: {}, strProperties: {} } },
    ]);
    expect(double.performed[0]?.state?.intent?.targetKey).toBe("default/function-deployment");
    await own.manager.plugins.effect("scaleOut", now, signal);
    expect(double.effects[0]?.profiles[p99]?.profileType).toBe(ProfileType.LATENCY);
  });

  it("is not told of an intent that is not measured: −1 would be taken for a value", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    const blind = situation({ measured: new Map() });
    await expect(own.manager.plugins.effect("scaleOut", blind, signal)).rejects.toThrow(`${p99} is missing`);
    expect(double.effects).toEqual([]);
  });
});

describe("a plugin that has restarted", () => {
  it("is asked again on a new stream, without registering", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    await ask(own);
    double.stop();
    const again = await own.double({ name: "scaleOut", port: double.port });
    await isAnswered(own);
    expect(again.streams).toBeGreaterThanOrEqual(1);
    expect(own.manager.plugins.statuses()).toEqual([
      { name: "scaleOut", endpoint: again.endpoint, ready: true, trouble: null },
    ]);
  });

  it("is asked again as soon as it is connected, however long it was gone", async () => {
    // Whoever is left alone is so for ever: by this clock no time passes.
    const own = await newRig({ clock: { ...systemClock, monotonicMs: () => 0 } });
    const double = await own.joined({ name: "scaleOut" });
    double.stop();
    await expect(ask(own)).rejects.toThrow("NextState failed");
    await expect(ask(own)).rejects.toThrow("is left alone");
    await own.double({ name: "scaleOut", port: double.port });
    await expect.poll(() => own.manager.plugins.statuses()[0]?.ready, { timeout: 5_000 }).toBe(true);
    expect(await ask(own)).toEqual([]);
  });

  it("and does not come back is dropped, and its connection closed", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    double.stop();
    await expect.poll(() => own.manager.plugins.statuses()[0]?.ready).toBe(false);
    for (let look = 1; look <= 3; look += 1) own.manager.plugins.sweep();
    expect(own.manager.plugins.names()).toEqual(["scaleOut"]);
    own.manager.plugins.sweep();
    expect(own.manager.plugins.names()).toEqual([]);
    await expect(ask(own)).rejects.toThrow("no plugin scaleOut is registered");
  });

  it("within a few looks keeps its place", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    double.stop();
    await expect.poll(() => own.manager.plugins.statuses()[0]?.ready).toBe(false);
    for (let look = 1; look <= 3; look += 1) own.manager.plugins.sweep();
    await own.double({ name: "scaleOut", port: double.port });
    await expect.poll(() => own.manager.plugins.statuses()[0]?.ready, { timeout: 5_000 }).toBe(true);
    own.manager.plugins.sweep();
    for (let look = 1; look <= 3; look += 1) own.manager.plugins.sweep();
    expect(own.manager.plugins.names()).toEqual(["scaleOut"]);
  });
});

describe("a plugin that ends its stream after each answer", () => {
  it("is asked on a new one", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    await ask(own);
    double.answer = () => "end";
    await expect(ask(own)).rejects.toThrow("plugin scaleOut: NextState failed");
    expect(own.failures).toEqual(["the plugin has ended the stream"]);
    double.answer = () => noProposals;
    await isAnswered(own);
  });
});

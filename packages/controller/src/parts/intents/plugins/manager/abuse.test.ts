import type { NextStateRequest, NextStateResponse, State as StateMessage } from "@walras/proto/plugins";
import { afterEach, describe, expect, it } from "vitest";

import { p99 } from "../../decide/testing.ts";
import { pluginLimits } from "../limits.ts";
import { changed, closeRigs, hasty, newRig, type PluginRig, situation, toldOf } from "../testing/rig.ts";
import { type DoubleAnswer, noProposals } from "../testing/doublePlugin.ts";

afterEach(closeRigs);

const now = situation();
const state = toldOf(now);

function ask({ manager }: PluginRig, signal = new AbortController().signal): Promise<readonly unknown[]> {
  return manager.plugins.propose({ intent: now.intent.name, actuator: "scaleOut", key: "k", state }, now, signal);
}

const properties = { type: 0, intProperties: { factor: 1 }, strProperties: {} } as const;

function answer(
  change: (told: StateMessage) => Partial<StateMessage>,
  more: Partial<NextStateResponse> = {},
): DoubleAnswer {
  return ({ state: told }: NextStateRequest) => ({
    states: [changed(told, change(changed(told)))],
    utilities: [0.5],
    actions: [{ name: "scaleOut", properties }],
    ...more,
  });
}

const same = (): Partial<StateMessage> => ({});
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${index}`);
const pod = { availability: 1, nodeName: "", state: "Running", qosClass: "" };
const withKpi = (value: number) => (told: StateMessage) => ({
  intent: { ...told.intent!, objectives: { [p99]: value } },
});

const bad: [string, DoubleAnswer, string][] = [
  [
    "lists of other lengths",
    answer(same, { utilities: [] }),
    'states, utilities, actions: "1, 0, 1" are not of the same length',
  ],
  ["states without actions", answer(same, { actions: [] }), "are not of the same length"],
  ["a state without an intent", answer(() => ({ intent: undefined })), "states[0].intent: undefined is missing"],
  [
    "a state of another intent",
    answer((told) => ({ intent: { ...told.intent!, key: "other/one" } })),
    'states[0].intent.key: "other/one" is not default/my-intent',
  ],
  ["a utility that is no number", answer(same, { utilities: [NaN] }), "utilities[0]: NaN is not a number from 0 on"],
  ["an infinite utility", answer(same, { utilities: [Infinity] }), "utilities[0]: Infinity is not a number"],
  ["a utility below 0", answer(same, { utilities: [-1] }), "utilities[0]: -1 is not a number from 0 on"],
  [
    "an action without properties",
    answer(same, { actions: [{ name: "scaleOut" }] }),
    "actions[0].properties: undefined is missing",
  ],
  [
    "somebody else's action",
    answer(same, { actions: [{ name: "rmPod", properties }] }),
    'actions[0].name: "rmPod" is not scaleOut',
  ],
  ["a KPI that is no number", answer(withKpi(NaN)), `states[0].intent.objectives[${p99}]: NaN is not a number`],
  [
    "an availability of 2",
    answer(() => ({ currentPods: { p: { ...pod, availability: 2 } } })),
    "states[0].current_pods[p].availability: 2 is not between 0 and 1",
  ],
  [
    "resources below 0",
    answer(() => ({ resources: { "0_cpu_limits": -5 } })),
    "states[0].resources[0_cpu_limits]: -5 is less than 0",
  ],
  [
    "too many pods",
    answer(() => ({ currentPods: Object.fromEntries(many(1_025).map((name) => [name, pod])) })),
    "states[0].current_pods: 1025 is more entries than 1024",
  ],
  [
    "too many annotations",
    answer(() => ({ annotations: Object.fromEntries(many(1_025).map((name) => [name, ""])) })),
    "states[0].annotations: 1025 is more entries than 1024",
  ],
  ["a text without end", answer(() => ({ annotations: { a: "x".repeat(5_000) } })), "has more than 4096 characters"],
  [
    "more states than it may",
    ({ state: told }) => ({
      states: many(257).map(() => changed(told)),
      utilities: many(257).map(() => 1),
      actions: many(257).map(() => ({ name: "scaleOut", properties })),
    }),
    "states: 257 are more than 256",
  ],
  [
    "a message beyond all bounds",
    answer(() => ({ annotations: Object.fromEntries(many(1_000).map((name) => [name, "x".repeat(4_000)])) })),
    "Received message larger than max",
  ],
];

describe("a plugin that answers with", () => {
  it.each(bad)("%s is refused, and left alone for a while", async (_, given, reason) => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: given });
    await expect(ask(own)).rejects.toThrow("plugin scaleOut: NextState failed");
    expect(own.failures.join()).toContain(reason);
    const asked = double.requests.length;
    await expect(ask(own)).rejects.toThrow("plugin scaleOut is left alone for 1 s more");
    expect(double.requests).toHaveLength(asked);
    expect(own.manager.plugins.statuses()[0]?.trouble).toContain(reason);
  });

  it("sense again is believed again", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: answer(same, { utilities: [] }) });
    await expect(ask(own)).rejects.toThrow();
    double.answer = answer(same);
    await expect.poll(() => ask(own).catch(() => [])).toHaveLength(1);
    expect(own.manager.plugins.statuses()[0]?.trouble).toBeNull();
  });

  it("what nobody asked for loses its stream", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: () => noProposals });
    await ask(own);
    double.say(noProposals);
    await expect.poll(() => double.ended).toBe(1);
    await ask(own);
    expect(double.streams).toBe(2);
  });
});

describe("a plugin that hangs", () => {
  it("is waited for no longer than a second, and holds up nobody else", async () => {
    const own = await newRig();
    await own.joined({ name: "scaleOut", answer: () => "nothing" });
    await own.joined({ name: "other" });
    const hung = ask(own).catch((error: unknown) => (error as Error).message);
    await own.manager.plugins.propose(
      { intent: "i", actuator: "other", key: "k", state },
      now,
      new AbortController().signal,
    );
    expect(await hung).toBe("plugin scaleOut: NextState failed");
    expect(own.failures).toEqual([`no answer in ${pluginLimits.nextStateMs} ms`]);
  });

  it("in Perform is given up after its time", async () => {
    const own = await newRig({ clock: hasty });
    const double = await own.joined({ name: "scaleOut" });
    double.hangs = true;
    await expect(own.manager.plugins.perform("scaleOut", now, [], new AbortController().signal)).rejects.toThrow(
      "Perform failed",
    );
    expect(own.failures).toEqual(["no answer in 10000 ms"]);
  });

  it("is given up by whoever has no more time, and its late answer goes to nobody", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: () => "nothing" });
    const gone = new AbortController();
    const asked = ask(own, gone.signal);
    await expect.poll(() => double.requests.length).toBe(1);
    gone.abort(new Error("no more time"));
    await expect(asked).rejects.toThrow("no more time");
    expect(own.failures).toEqual([]);
    double.answer = answer(same);
    double.say(noProposals);
    expect(await ask(own)).toHaveLength(1);
    expect(double.streams).toBe(1);
  });
});

describe("many questions at once", () => {
  it("to a plugin that hangs or talks nonsense are one failure, and the others are not asked", async () => {
    for (const given of [(): "nothing" => "nothing", answer(same, { utilities: [] })]) {
      const own = await newRig();
      const double = await own.joined({ name: "scaleOut", answer: given });
      const reasons = await Promise.all(
        Array.from({ length: 50 }, () => ask(own).catch((error: unknown) => (error as Error).message)),
      );
      expect(double.requests).toHaveLength(1);
      expect(own.failures).toHaveLength(1);
      expect(reasons[0]).toBe("plugin scaleOut: NextState failed");
      expect(reasons[49]).toContain("plugin scaleOut is left alone for 1 s more");
    }
  });
});

describe("a plugin that is replaced while it is asked", () => {
  it("leaves no connection behind", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: () => "nothing" });
    const failed = expect(ask(own)).rejects.toThrow("NextState failed");
    await expect.poll(() => double.requests.length).toBe(1);
    expect((await double.register(own.manager.port)).error).toBe("");
    await failed;
    expect(own.failures).toEqual(["the plugin is gone"]);
    await expect.poll(() => double.ended).toBe(1);
    await expect.poll(() => double.connections).toBe(1);
  });
});

describe("a plugin that crashes", () => {
  it("while it is asked is told of, and nothing else happens", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut", answer: () => (double.stop(), "nothing") });
    await expect(ask(own)).rejects.toThrow("plugin scaleOut: NextState failed");
    expect(own.manager.plugins.names()).toEqual(["scaleOut"]);
  });
});

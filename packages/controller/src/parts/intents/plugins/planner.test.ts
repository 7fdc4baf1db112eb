import { silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { IntentSnapshot } from "../decide/snapshot.ts";
import { configOf, intent } from "../decide/testing.ts";
import { pluginLimits } from "./limits.ts";
import { PluginPlanner } from "./planner.ts";
import { FakePlugins, snapshotOf } from "./testing/fakePlugins.ts";

const signal = new AbortController().signal;

function rig(...names: readonly string[]) {
  const clock = new VirtualClock();
  const plugins = new FakePlugins(Object.fromEntries(names.map((name) => [name, () => []])));
  const planner = new PluginPlanner({ config: configOf(), plugins, clock, logger: silentLogger });
  const decide = async (...intents: readonly IntentSnapshot[]): Promise<void> => {
    await planner.decide(snapshotOf(...intents), signal);
    await clock.advance(0);
  };
  return { clock, plugins, planner, decide };
}

describe("plans of a planner with plugins", () => {
  it("go to each plugin as a whole, with what was measured", async () => {
    const { planner, plugins, decide } = rig("a", "scaleCPU");
    await decide(intent());
    expect([planner.knows("scaleCPU"), planner.knows("scaleOut")]).toEqual([true, false]);
    const plan = [
      { name: "scaleCPU", properties: { value: 500 } },
      { name: "other", properties: {} },
    ];
    await planner.perform({ intent: intent() }, plan);
    expect(plugins.performed.map(({ plugin }) => plugin)).toEqual(["a", "scaleCPU"]);
    for (const performed of plugins.performed) {
      expect(performed.plan).toEqual(plan);
      expect(performed.situation.intent.measured).toEqual(intent().measured);
    }
  });

  it("fail with the plugin that has something to do in them, and with no other", async () => {
    const { planner, plugins, decide } = rig("scaleCPU", "scaleOut");
    await decide(intent());
    plugins.failing = "scaleOut";
    const perform = (name: string): Promise<void> => planner.perform({ intent: intent() }, [{ name, properties: {} }]);
    await perform("scaleCPU");
    await expect(perform("scaleOut")).rejects.toThrow("scaleOut fails");
    await expect(perform("rmPod")).rejects.toThrow("scaleOut fails");
  });

  it("are of intents that were planned for", async () => {
    await expect(rig("a").planner.perform({ intent: intent() }, [])).rejects.toThrow(
      "nothing was planned for default/my-intent",
    );
  });
});

describe("plugins learn", () => {
  it("after planning, each of an intent once a minute", async () => {
    const { clock, plugins, decide } = rig("a", "b");
    await decide(intent());
    await decide(intent());
    expect(plugins.taught).toEqual(["a default/my-intent", "b default/my-intent"]);
    await clock.advance(pluginLimits.effectEveryMs);
    await decide(intent());
    expect(plugins.taught).toHaveLength(4);
  });

  it("nothing from what is not measured, and one that fails stops nobody", async () => {
    const { plugins, decide } = rig("a", "b");
    plugins.failing = "a";
    await decide(
      intent({ measured: new Map() }),
      intent({ name: "default/other", target: { kind: "Deployment", name: "default/o" } }),
    );
    expect(plugins.taught).toEqual(["a default/other", "b default/other"]);
  });
});

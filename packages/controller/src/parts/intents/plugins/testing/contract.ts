import { expect, it } from "vitest";

import type { Plugins } from "../manager/ports.ts";
import { step } from "./fakePlugins.ts";
import { situation, toldOf } from "./rig.ts";

/** Plugins of which `b` and `a` have registered; both bring the latency to 90 by the property `to`. */
export interface ContractSubject {
  readonly plugins: Plugins;
  /** Plans that a plugin was given, by the names of their actions. */
  given(plugin: string): readonly string[];
}

const now = situation();
const state = toldOf(now);
const question = { intent: now.intent.name, actuator: "a", key: "k", state };

/** What whoever plans may count on. */
export function pluginsContract(make: () => Promise<ContractSubject>): void {
  const { signal } = new AbortController();

  it("names plugins in a fixed order", async () => {
    expect((await make()).plugins.names()).toEqual(["a", "b"]);
  });

  it("brings a plugin's proposals, with states that have keys", async () => {
    const { plugins } = await make();
    expect(await plugins.propose(question, now, signal)).toEqual([step(question, 90)]);
  });

  it("knows nobody who has not registered", async () => {
    const { plugins } = await make();
    const reason = "no plugin c is registered";
    await expect(plugins.propose({ ...question, actuator: "c" }, now, signal)).rejects.toThrow(reason);
    await expect(plugins.perform("c", now, [], signal)).rejects.toThrow(reason);
    await expect(plugins.effect("c", now, signal)).rejects.toThrow(reason);
  });

  it("asks nobody for whoever has given up", async () => {
    const { plugins, given } = await make();
    const over = AbortSignal.abort(new Error("over"));
    await expect(plugins.propose(question, now, over)).rejects.toThrow();
    await expect(plugins.perform("a", now, [{ name: "x", properties: {} }], over)).rejects.toThrow();
    expect(given("a")).toEqual([]);
  });

  it("gives a plan to one plugin", async () => {
    const { plugins, given } = await make();
    await plugins.perform("b", now, [{ name: "x", properties: {} }], signal);
    expect([given("a"), given("b")]).toEqual([[], ["x"]]);
  });
}

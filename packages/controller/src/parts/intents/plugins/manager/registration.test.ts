import { status } from "@grpc/grpc-js";
import { PluginType } from "@walras/proto/plugins";
import { afterEach, describe, expect, it } from "vitest";

import type { DoubleOptions } from "../testing/doublePlugin.ts";
import { closeRigs, hasty, newRig, type PluginRig, situation, toldOf } from "../testing/rig.ts";

afterEach(closeRigs);

const signal = new AbortController().signal;
const now = situation();
const state = toldOf(now);

function ask({ manager }: PluginRig, actuator = "scaleOut"): ReturnType<typeof manager.plugins.propose> {
  return manager.plugins.propose({ intent: now.intent.name, actuator, key: "k", state }, now, signal);
}

describe("a registration", () => {
  const bad: [string, DoubleOptions, string][] = [
    ["of another version", { name: "scaleOut", versions: ["v2"] }, 'p_info.supported_versions: ["v2"] has no v1alpha1'],
    ["of a planner", { name: "scaleOut", type: PluginType.PLANNER }, "p_info.type: 1 is not ACTUATOR"],
    ["of a name that is none", { name: "scale out" }, 'p_info.name: "scale out" is not a name'],
    ["without a name", { name: "" }, 'p_info.name: "" is not a name'],
  ];
  it.each(bad)("%s is refused with a reason", async (_, options, reason) => {
    const own = await newRig();
    const answer = await (await own.double(options)).register(own.manager.port);
    expect(answer.pluginRegistered).toBe(false);
    expect(answer.error).toContain(reason);
    expect(own.manager.plugins.names()).toEqual([]);
  });

  it.each(["unix:/tmp/socket", "localhost", "localhost:0", "localhost:70000", "xds:///a:1", "a b:1", ""])(
    "from %j connects to nothing",
    async (endpoint) => {
      const own = await newRig();
      const pInfo = { type: PluginType.ACTUATOR, name: "x", endpoint, supportedVersions: ["v1alpha1"] };
      expect(await own.manager.plugins.register({ pInfo })).toContain("is not host:port");
      expect(await own.manager.plugins.register({})).toBe("p_info is missing");
    },
  );

  it("of a plugin that cannot be reached is refused", async () => {
    const own = await newRig({ clock: hasty });
    const double = await own.double({ name: "scaleOut" });
    double.stop();
    expect((await double.register(own.manager.port)).error).toContain("cannot be reached within 5000 ms");
  });

  it("of a name that a living plugin has is refused, as the prototype refuses it", async () => {
    const own = await newRig();
    const first = await own.joined({ name: "scaleOut" });
    const second = await own.double({ name: "scaleOut" });
    expect(await second.register(own.manager.port)).toEqual({
      pluginRegistered: false,
      error: `scaleOut is registered already, by ${first.endpoint}`,
    });
    await ask(own);
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  it("of the same plugin at the same place replaces it at once", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "scaleOut" });
    await ask(own);
    expect((await double.register(own.manager.port)).error).toBe("");
    await ask(own);
    expect([double.requests.length, double.streams]).toEqual([2, 2]);
  });

  it("replaces a dead plugin of that name at once", async () => {
    const own = await newRig();
    const first = await own.joined({ name: "scaleOut" });
    first.stop();
    const second = await own.double({ name: "scaleOut" });
    await expect.poll(async () => (await second.register(own.manager.port)).error).toBe("");
    await ask(own);
    expect(second.requests).toHaveLength(1);
  });

  it("of more plugins than are taken is refused", async () => {
    const own = await newRig();
    const double = await own.joined({ name: "p0" });
    const join = (name: string): Promise<string | null> =>
      own.manager.plugins.register({
        pInfo: { type: 0, name, endpoint: double.endpoint, supportedVersions: ["v1alpha1"] },
      });
    for (let index = 1; index < 32; index += 1) expect(await join(`p${index}`)).toBeNull();
    expect(await join("p32")).toBe("32 plugins are registered, and no more are taken");
    expect(await join("p7")).toBeNull();
  });

  it("is for later while this planner does not lead", async () => {
    const own = await newRig({ accepts: () => false });
    const double = await own.double({ name: "scaleOut" });
    await expect(double.register(own.manager.port)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

import { afterEach, describe } from "vitest";

import { p99 } from "../../decide/testing.ts";
import { pluginsContract } from "./contract.ts";
import { FakePlugins, step } from "./fakePlugins.ts";
import { changed, closeRigs, newRig } from "./rig.ts";
import type { DoublePlugin } from "./doublePlugin.ts";

afterEach(closeRigs);

describe("fake plugins", () => {
  pluginsContract(() => {
    const plugins = new FakePlugins({ b: (question) => [step(question, 90)], a: (question) => [step(question, 90)] });
    const given = (name: string): string[] =>
      plugins.performed
        .filter(({ plugin }) => plugin === name)
        .flatMap(({ plan }) => plan.map((action) => action.name));
    return Promise.resolve({ plugins, given });
  });
});

describe("plugins over the wire", () => {
  pluginsContract(async () => {
    const { manager, joined } = await newRig();
    const doubles = new Map<string, DoublePlugin>();
    for (const name of ["b", "a"]) {
      const properties = { type: 0, intProperties: { to: 90 }, strProperties: {} } as const;
      const double = await joined({
        name,
        answer: ({ state }) => ({
          states: [
            changed(state, {
              intent: { ...state!.intent!, objectives: { ...state!.intent!.objectives, [p99]: 90 } },
            }),
          ],
          utilities: [0.5],
          actions: [{ name, properties }],
        }),
      });
      doubles.set(name, double);
    }
    const given = (name: string): string[] =>
      doubles.get(name)?.performed.flatMap(({ plan }) => plan.map((action) => action.name)) ?? [];
    return { plugins: manager.plugins, given };
  });
});

import { describe, expect, it } from "vitest";

import { replay } from "./run.ts";
import { Fifo } from "./rules/fifo.ts";
import { Walras } from "./rules/walras.ts";
import { sceneOf } from "./scenario.ts";
import { appOf, defaultPolicy, hourMs, mondayMs, quietScene, ruleOf } from "./testing.ts";

const never = ruleOf(() => []);

describe("a replayed week", () => {
  it("is the same each time, and another with another seed", () => {
    const play = (seed: number): unknown => {
      const scene = sceneOf({ scenario: "overloaded", seed, days: 2, policy: defaultPolicy });
      const { releases, waits } = replay(scene, new Walras());
      return { releases, waits };
    };
    expect(play(4)).toEqual(play(4));
    expect(play(4)).not.toEqual(play(5));
  });

  it("counts the wait of a superseded change from the first push", () => {
    const { waits, releases } = replay(
      quietScene(
        [appOf("a")],
        [
          ["a", 10],
          ["a", 12],
          ["a", 15],
        ],
      ),
      never,
    );
    expect(waits).toEqual([{ app: "a", sinceMs: mondayMs + 10 * hourMs, untilMs: null }]);
    expect(releases).toEqual([]);
  });

  it("ends a wait when the change is live and healthy, after a repair if need be", () => {
    const pushes = [10, 34, 58, 82, 106].map((hour) => ["a", hour] as const);
    const endings = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const { waits, releases } = replay(quietScene([appOf("a")], pushes, { seed }), new Fifo());
      const delivered = releases.filter(({ ending }) => ending === "succeeds" || ending === "degraded");
      for (const { ending } of delivered) endings.add(ending);
      expect(waits.map(({ untilMs }) => untilMs)).toEqual(
        delivered.map(({ ending, endMs, recoveredMs }) => (ending === "succeeds" ? endMs : recoveredMs)),
      );
    }
    expect(endings).toEqual(new Set(["succeeds", "degraded"]));
  });

  it("gives a change that is pushed during a release a wait of its own", () => {
    const during = 10 + 10 / 3600;
    const { waits, releases } = replay(
      quietScene(
        [appOf("a")],
        [
          ["a", 10],
          ["a", during],
        ],
      ),
      new Fifo(),
    );
    expect(releases.map(({ revision }) => revision)).toEqual(["r0", "r1"]);
    expect(waits).toHaveLength(2);
  });

  it("breaks what is released while its dependency is being released", () => {
    const apps = [appOf("base"), appOf("top", { dependsOn: ["base"] })];
    const { releases } = replay(
      quietScene(apps, [
        ["base", 10],
        ["top", 10],
      ]),
      new Fifo(),
    );
    expect(releases.find(({ app }) => app === "top")).toMatchObject({ inOrder: false });
    expect(releases.find(({ app }) => app === "top")?.ending).not.toBe("succeeds");
  });

  it("lets nobody release what is in sync, unknown or at work", () => {
    const always = ruleOf(() => ["a", "a", "stranger"]);
    const { releases } = replay(quietScene([appOf("a")], [["a", 10]]), always);
    expect(releases).toHaveLength(1);
  });

  it("tells a rule of load that nobody knows, and ours then releases nothing", () => {
    const scene = quietScene([appOf("a")], [["a", 21]]);
    scene.load.cpu.fill(NaN);
    const seen = new Set<number | null>();
    replay(
      scene,
      ruleOf(({ usage }) => (seen.add(usage.cpu), [])),
    );
    expect([...seen]).toEqual([null]);
    expect(replay(scene, new Walras()).releases).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";

import type { ReleaseRecord } from "../records.ts";
import { replay } from "../run.ts";
import { sceneOf } from "../scenario.ts";
import { appOf, defaultPolicy, hourMs, mondayMs, quietScene } from "../testing.ts";
import { Walras } from "./walras.ts";

function hoursOf(...[apps, pushes, options]: Parameters<typeof quietScene>): [string, number][] {
  return replay(quietScene(apps, pushes, options), new Walras()).releases.map(({ app, startMs }) => [
    app,
    (startMs - mondayMs) / hourMs,
  ]);
}

describe("our rules", () => {
  it("wait for the evening, and on Monday for the evening too", () => {
    expect(hoursOf([appOf("a")], [["a", 1]])).toEqual([["a", 20]]);
  });

  it("release the same when no decision is saved", () => {
    const scene = sceneOf({ scenario: "overloaded", seed: 3, days: 4, policy: defaultPolicy });
    expect(replay(scene, new Walras(false)).releases).toEqual(replay(scene, new Walras()).releases);
  });

  it("release in the last minute of Saturday", () => {
    const lastMinute = 5 * 24 + 23 + 59.5 / 60;
    expect(hoursOf([appOf("a")], [["a", lastMinute]])[0]?.[1]).toBeCloseTo(lastMinute, 2);
  });

  it("release what is high-risk once an operator has consented", () => {
    const heavy = appOf("heavy", { r: 4.5, depth: 2, risk: 2 });
    expect(hoursOf([heavy], [["heavy", 22]])).toEqual([["heavy", 23]]);
  });

  it("release what others depend on first, and the others when it is healthy", () => {
    const apps = [appOf("top", { dependsOn: ["base"] }), appOf("base", { depth: 3 })];
    const { releases } = replay(
      quietScene(apps, [
        ["top", 10],
        ["base", 11],
      ]),
      new Walras(),
    );
    expect(releases.map(({ app }) => app)).toEqual(["base", "top"]);
    expect(releases[1]?.startMs).toBeGreaterThanOrEqual(
      (releases[0]?.endMs ?? NaN) + defaultPolicy.rollout.healthyHoldMs,
    );
  });

  it("hold what depends on something unknown, and nobody else", () => {
    const apps = [appOf("broken", { dependsOn: ["missing"] }), appOf("next")];
    const pushes = [
      ["broken", 10],
      ["next", 10],
    ] as const;
    expect(hoursOf(apps, pushes)).toEqual([["next", 20]]);
  });

  it("try again what failed after the policy's back-off, and not before", () => {
    const [failed, again] = retriedRelease();
    const waitedMs = again.startMs - failed.endMs;
    expect(waitedMs).toBeGreaterThanOrEqual(defaultPolicy.rollout.backoffFirstMs);
    expect(waitedMs).toBeLessThan(defaultPolicy.rollout.backoffFirstMs + 2 * defaultPolicy.tickMs);
  });
});

/** The first two releases of a week in which the first one changed nothing. */
function retriedRelease(): readonly [ReleaseRecord, ReleaseRecord] {
  for (let seed = 1; seed <= 100; seed += 1) {
    const { releases } = replay(quietScene([appOf("a", { risk: 1 })], [["a", 10]], { seed }), new Walras());
    const [failed, again] = releases;
    if (failed?.ending === "syncFails" && again) return [failed, again];
  }
  throw new Error("no release failed in a hundred weeks");
}

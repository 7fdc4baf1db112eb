import { describe, expect, it } from "vitest";

import { replay } from "../run.ts";
import { appOf, hourMs, mondayMs, quietScene } from "../testing.ts";
import { Prototype } from "./prototype.ts";

function hoursOf(...[apps, pushes, options]: Parameters<typeof quietScene>): [string, number][] {
  return replay(quietScene(apps, pushes, options), new Prototype()).releases.map(({ app, startMs }) => [
    app,
    (startMs - mondayMs) / hourMs,
  ]);
}

describe("the prototype's rules", () => {
  it("open the window of a weekday on Monday at midnight already", () => {
    expect(hoursOf([appOf("a")], [["a", 1]])).toEqual([["a", 1]]);
  });

  it("are closed in the last minute of Saturday", () => {
    const lastMinute = 5 * 24 + 23 + 59.1 / 60;
    expect(hoursOf([appOf("a")], [["a", lastMinute]])).toEqual([["a", 6 * 24]]);
  });

  it("never take a score of 0 or less, however long it waits", () => {
    expect(hoursOf([appOf("heavy", { r: 4.5, depth: 2, risk: 2 })], [["heavy", 10]])).toEqual([]);
  });

  it("cut the selection in the order of apps.yaml, not by score", () => {
    const apps = [
      appOf("first", { r: 1 }),
      appOf("onco", { r: 3, depth: 2, risk: 1 }),
      appOf("dashboards", { r: 1, depth: 1 }),
    ];
    const pushes = apps.map(({ name }) => [name, 10] as const);
    expect(hoursOf(apps, pushes).map(([name]) => name)).toEqual(["first", "onco", "dashboards"]);
  });

  it("wait half an hour for an operation that failed before they go on", () => {
    const apps = [appOf("broken", { dependsOn: ["missing"] }), appOf("next")];
    const seed = seedWith(apps);
    const hours = hoursOf(
      apps,
      [
        ["broken", 10],
        ["next", 10],
      ],
      { seed },
    );
    expect(hours.slice(0, 2)).toEqual([
      ["broken", 20],
      ["next", 20.5],
    ]);
  });
});

/** Whatever depends on something that is not there fails; here, when it is applied. */
function seedWith(apps: Parameters<typeof quietScene>[0]): number {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed);
  const found = seeds.find((seed) => {
    const scene = quietScene(apps, [["broken", 10]], { seed });
    return replay(scene, new Prototype()).releases[0]?.ending === "syncFails";
  });
  if (found === undefined) throw new Error("no seed makes the first release fail when it is applied");
  return found;
}

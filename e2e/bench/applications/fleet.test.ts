import { openingAt, type ReleaseConfig, readReleaseConfig } from "@walras/controller/carla";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { appsFile, closed, groupNames, groups, manifests, members, policyFile, type Window } from "./fleet.ts";

const opensMs = Date.parse("2026-11-28T15:00:10Z");
const tonight: Window = { opensMs, closesMs: opensMs + 180_000 };
const fleet = members(1_000);

function read(window: Window): ReleaseConfig {
  const texts: Readonly<Record<string, string>> = {
    policy: stringify(policyFile(window, "/data")),
    apps: stringify(appsFile(fleet, "clinic-bench")),
  };
  const files = { policyFile: "policy", appsFile: "apps" };
  return readReleaseConfig(files, { readText: (file) => texts[file] ?? "", requireArgo: true, today: "2026-11-28" });
}

describe("the thousand Applications", () => {
  it("have names and folders of their own, and are of the groups in turn", () => {
    expect(new Set(fleet.map(({ name }) => name)).size).toBe(1_000);
    expect(Object.keys(manifests(fleet))).toHaveLength(1_000);
    const sizes = groupNames.map((name) => fleet.filter(({ group }) => group === name).length);
    expect(sizes).toEqual([334, 333, 333]);
  });

  it("are what CARLA reads, each in the namespace", () => {
    const { apps, policy, warnings } = read(tonight);
    expect(warnings).toEqual([expect.stringContaining('headroom: "assume"')]);
    expect(apps.map(({ name, namespace }) => `${namespace}/${name}`)).toEqual(
      fleet.map(({ name }) => `clinic-bench/${name}`),
    );
    const budgets = policy.budgets.map(({ selector, maxParallel }) => [selector["group"], maxParallel]);
    expect(budgets).toEqual(Object.entries(groups));
  });

  it.each([
    ["a second before it opens", opensMs - 1_000, false],
    ["when it opens", opensMs, true],
    ["a second before it closes", tonight.closesMs - 1_000, true],
    ["when it closes", tonight.closesMs, false],
  ])("may be released or not %s", (_, atMs, open) => {
    expect(openingAt(read(tonight).policy.calendar, atMs).open).toBe(open);
  });

  it("may not be released before the benchmark opens the window", () => {
    expect(openingAt(read(closed).policy.calendar, opensMs).open).toBe(false);
  });
});
